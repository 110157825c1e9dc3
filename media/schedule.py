"""The packet clock's arithmetic: ticks on an absolute schedule, and who sends at which tick.

All endpoints share one clock of 10 ms ticks. A sender of 20 ms sends at every second tick, and each
gets the phase in which the fewest others send, so that packets don't leave in one burst.
"""

from collections.abc import Iterator
from math import floor, lcm
from typing import Generic, TypeVar

from media.codec.catalogue import PTIMES_MS

TICK_MS = 10
TICK = TICK_MS / 1000
MAX_LATE = 10
"""Ticks that are made up for after a delay: what is later still is given up, not burst out."""
_TURN = lcm(*PTIMES_MS) // TICK_MS
"""Ticks after which every pattern of sending repeats."""

Item = TypeVar("Item")


class PacketClock:
    """Count ticks from an origin by multiplication, so that no error adds up."""

    def __init__(self, origin: float) -> None:
        self._origin = origin
        self._next = 0
        self.skipped = 0
        """Ticks that were given up."""

    @property
    def next_at(self) -> float:
        """When the next tick is due."""
        return self._origin + self._next * TICK

    def due(self, now: float) -> range:
        """Take the ticks that are due; each is given once."""
        # A thousandth of a tick early is due: timers fire so, and waiting again would cost a turn.
        behind = floor((now - self._origin) / TICK + 0.001) + 1
        if behind <= self._next:
            return range(0)
        first = max(self._next, behind - MAX_LATE)
        self.skipped += first - self._next
        self._next = behind
        return range(first, behind)


class Wheel(Generic[Item]):
    """Who sends at which tick."""

    def __init__(self) -> None:
        self._turn: list[dict[Item, None]] = [{} for _ in range(_TURN)]
        self._places: dict[Item, range] = {}

    def __len__(self) -> int:
        """Count the senders."""
        return len(self._places)

    def __iter__(self) -> Iterator[Item]:
        """Go through all senders."""
        return iter(self._places)

    def add(self, item: Item, ptime_ms: int) -> None:
        """Let a sender send every `ptime_ms`, a multiple of the tick; it may be there already."""
        self.remove(item)
        step = ptime_ms // TICK_MS
        phase = min(range(step), key=lambda candidate: len(self._turn[candidate]))
        places = range(phase, _TURN, step)
        self._places[item] = places
        for place in places:
            self._turn[place][item] = None

    def remove(self, item: Item) -> None:
        """Let a sender send no more, if it does."""
        for place in self._places.pop(item, ()):
            del self._turn[place][item]

    def due(self, tick: int) -> list[Item]:
        """Tell who sends at a tick."""
        return list(self._turn[tick % _TURN])
