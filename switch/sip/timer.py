"""Timers: the names of RFC 3261's figures, their values, and the heap that tells when the next is due.

Machines name timers and never hold them; whoever owns machines keeps one `Deadlines` and is told the time.
"""

from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Key = TypeVar("Key")

COMPACT_ABOVE = 256
"""Stale heap entries are tolerated up to this many, and up to as many as live ones, before a sweep."""


class Timer(Enum):
    """The timers of RFC 3261 section 17, RFC 6026 and RFC 3262, by the letters of the figures."""

    A = "A"
    B = "B"
    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 - the figure's letter
    J = "J"
    K = "K"
    L = "L"
    M = "M"
    TRYING = "trying"
    """100 is due 200 ms after an INVITE (section 17.2.1), and for other methods never before timer E would reach T2 (RFC 4320)."""


@dataclass(frozen=True, slots=True)
class TimerValues:
    """The base values of RFC 3261 table 4, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def transaction_timeout(self) -> float:
        """64*T1: timers B, F, H, J, L and M."""
        return 64 * self.t1

    @property
    def timer_d(self) -> float:
        """How long responses to a failed INVITE may still arrive over UDP: at least 32 s."""
        return max(32.0, 64 * self.t1)


class Deadlines(Generic[Key]):
    """What is due when: one lazy heap; re-arming and cancelling leave stale entries that are skipped later."""

    __slots__ = ("_at", "_heap", "_order")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Key]] = []
        self._at: dict[Key, tuple[float, int]] = {}
        self._order = 0

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: Key, at: float) -> None:
        """Make `key` due at the monotonic time `at`, replacing an earlier deadline of the same key."""
        self._order += 1
        self._at[key] = (at, self._order)
        heappush(self._heap, (at, self._order, key))
        if len(self._heap) > COMPACT_ABOVE + 2 * len(self._at):
            self._heap = [(when, order, key) for key, (when, order) in self._at.items()]
            heapify(self._heap)

    def cancel(self, key: Key) -> None:
        """Forget the key's deadline; a key without one is no fault."""
        self._at.pop(key, None)

    def next(self) -> float | None:
        """When the earliest deadline falls, or None when nothing is due ever."""
        heap, live = self._heap, self._at
        while heap:
            at, order, key = heap[0]
            if live.get(key) == (at, order):
                return at
            heappop(heap)
        return None

    def pop_due(self, now: float) -> Key | None:
        """Take one key whose deadline is `now` or earlier, in order of time, then of setting."""
        at = self.next()
        if at is None or at > now:
            return None
        key = heappop(self._heap)[2]
        del self._at[key]
        return key
