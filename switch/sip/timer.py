"""Timers: the names of RFC 3261's figures, their values, and the heap that tells what is due.

Machines name timers and never hold them; whoever owns machines keeps one `Deadlines` and is told
the time.
"""

from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush, heapreplace
from typing import Generic, TypeVar

Key = TypeVar("Key")

COMPACT_ABOVE = 256
"""So many heap entries, and two for each live one, are tolerated before the stale are swept."""


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
    """100 is due 200 ms after an INVITE (17.2.1), else when timer E would reach T2 (RFC 4320)."""
    CANCELLED = "cancelled"
    """An INVITE that was cancelled has this long for its final response (9.1)."""

    # A member is equal to itself alone, so its identity is hash enough, and three times as fast.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class TimerValues:
    """The base values of RFC 3261 table 4, in seconds."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    trying: float = 0.2
    """When a server INVITE transaction sends 100 by itself (17.2.1)."""

    @property
    def transaction_timeout(self) -> float:
        """64*T1: timers B, F, H, J, L and M."""
        return 64 * self.t1

    @property
    def timer_d(self) -> float:
        """How long responses to a failed INVITE may still arrive over UDP: at least 32 s."""
        return max(32.0, 64 * self.t1)

    @property
    def late_trying(self) -> float:
        """When the client's timer E reaches T2: the moment for 100 to a non-INVITE (RFC 4320)."""
        elapsed, interval = 0.0, self.t1
        while interval < self.t2:
            elapsed += interval
            interval *= 2
        return elapsed


class Deadlines(Generic[Key]):
    """What is due when: one lazy heap.

    Cancelling, and moving a deadline later, touch only a dictionary: the heap entry stays where it
    is, and is dropped or moved when it comes to the top. Whatever is refreshed again and again, such
    as a registration, has one place in the heap.
    """

    __slots__ = ("_heap", "_live", "_order", "_queued")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Key]] = []
        self._live: dict[Key, tuple[float, int, Key]] = {}
        self._queued: dict[Key, float] = {}  # the earliest heap entry of each key
        self._order = 0

    def __len__(self) -> int:
        return len(self._live)

    def set(self, key: Key, at: float) -> None:
        """Make `key` due at the monotonic time `at`, in place of its earlier deadline."""
        self._order += 1
        self._live[key] = entry = (at, self._order, key)
        queued = self._queued.get(key)
        if queued is not None and queued <= at:
            return
        self._queued[key] = at
        heappush(self._heap, entry)
        if len(self._heap) > COMPACT_ABOVE + 2 * len(self._live):
            self._compact()

    def cancel(self, key: Key) -> None:
        """Forget the key's deadline; a key without one is no fault."""
        self._live.pop(key, None)

    def next(self) -> float | None:
        """When the earliest deadline falls, or None when nothing is due ever."""
        heap = self._heap
        while heap:
            entry = heap[0]
            if self._live.get(entry[2]) is entry:
                return entry[0]
            self._settle(entry)
        return None

    def pop_due(self, now: float) -> Key | None:
        """Take one key whose deadline is `now` or earlier, in order of time, then of setting."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            entry = heap[0]
            key = entry[2]
            if self._live.get(key) is entry:
                heappop(heap)
                del self._live[key]
                del self._queued[key]
                return key
            self._settle(entry)
        return None

    def _settle(self, entry: tuple[float, int, Key]) -> None:
        """Take a stale entry off the top of the heap; put the key's later deadline in its place."""
        at, _, key = entry
        if self._queued.get(key) != at:
            heappop(self._heap)  # an earlier deadline has overtaken this one
        elif (moved := self._live.get(key)) is None:
            heappop(self._heap)
            del self._queued[key]
        else:
            heapreplace(self._heap, moved)
            self._queued[key] = moved[0]

    def _compact(self) -> None:
        self._heap = list(self._live.values())
        heapify(self._heap)
        self._queued = {key: at for at, _, key in self._heap}
