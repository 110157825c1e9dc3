"""How late the event loop comes to its timers: what every message waits besides its own work."""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable

INTERVAL = 0.5
"""Seconds between two looks."""


class LoopLag:
    """Looks at the loop again and again."""

    def __init__(self, loop: AbstractEventLoop, note: Callable[[float], None]) -> None:
        self._loop = loop
        self._note = note
        self._due = 0.0
        self._timer: TimerHandle | None = None

    def start(self) -> None:
        """Begin to look."""
        self._due = self._loop.time() + INTERVAL
        self._timer = self._loop.call_at(self._due, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self._note(max(self._loop.time() - self._due, 0.0))
        self.start()
