"""Timers: the names of RFC 3261's figures, their values, and the heap that tells what is due.

Machines name timers and never hold them; whoever owns machines keeps one `Deadlines` and is told
the time.
"""

from dataclasses import dataclass
from enum import Enum
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Key = TypeVar("Key")

COMPACT_ABOVE = 256
"""So many entries, and some for each live one, are tolerated before the stale are swept."""

TICKS_A_SECOND = 50
"""A bucket of 20 ms has some hundred deadlines when a thousand calls a second come."""


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
    """What is due when, exactly, at a price that does not grow with how much is pending.

    Deadlines lie in buckets by the tick in which they fall; only the bucket at the front is kept in
    order, as a heap. Cancelling and moving touch a dictionary alone: an entry that is not its key's
    latest is stale, and dropped with its bucket.
    """

    __slots__ = (
        "_buckets",
        "_front",
        "_front_tick",
        "_live",
        "_order",
        "_sweep_after",
        "_ticks",
    )

    def __init__(self) -> None:
        self._live: dict[Key, int] = {}
        self._front: list[tuple[float, int, Key]] = []
        self._front_tick = -1
        self._buckets: dict[int, list[tuple[float, int, Key]]] = {}
        self._ticks: list[int] = []
        self._order = 0
        self._sweep_after = COMPACT_ABOVE

    def __len__(self) -> int:
        return len(self._live)

    def set(self, key: Key, at: float) -> None:
        """Make `key` due at the monotonic time `at`, in place of its earlier deadline."""
        self._order = order = self._order + 1
        self._live[key] = order
        entry = (at, order, key)
        tick = int(at * TICKS_A_SECOND)
        if tick <= self._front_tick:
            heappush(self._front, entry)
        elif tick in self._buckets:
            self._buckets[tick].append(entry)
        else:
            self._buckets[tick] = [entry]
            heappush(self._ticks, tick)
        if order > self._sweep_after:
            self._sweep()

    def cancel(self, key: Key) -> None:
        """Forget the key's deadline; a key without one is no fault."""
        self._live.pop(key, None)

    def next(self) -> float | None:
        """When the earliest deadline falls, or None when nothing is due ever."""
        live = self._live
        while True:
            front = self._front
            while front:
                entry = front[0]
                if live.get(entry[2]) == entry[1]:
                    return entry[0]
                heappop(front)
            if not self._ticks:
                return None
            self._advance()

    def pop_due(self, now: float) -> Key | None:
        """Take one key whose deadline is `now` or earlier, in order of time, then of setting."""
        live = self._live
        while True:
            front = self._front
            while front:
                entry = front[0]
                if entry[0] > now:
                    return None
                heappop(front)
                key = entry[2]
                if live.get(key) == entry[1]:
                    del live[key]
                    return key
            if not self._ticks or self._ticks[0] > now * TICKS_A_SECOND:
                return None
            self._advance()

    def _advance(self) -> None:
        """Put the next bucket, without what is stale in it, to the front."""
        live = self._live
        self._front_tick = heappop(self._ticks)
        bucket = self._buckets.pop(self._front_tick)
        self._front = [entry for entry in bucket if live.get(entry[2]) == entry[1]]
        heapify(self._front)

    def _sweep(self) -> None:
        """Drop what is stale when that is most of what there is; look again when it may be."""
        live = self._live
        entries = len(self._front) + sum(map(len, self._buckets.values()))
        if entries > COMPACT_ABOVE + 2 * len(live):
            self._front = [entry for entry in self._front if live.get(entry[2]) == entry[1]]
            heapify(self._front)
            kept = (
                (tick, [entry for entry in bucket if live.get(entry[2]) == entry[1]])
                for tick, bucket in self._buckets.items()
            )
            self._buckets = {tick: bucket for tick, bucket in kept if bucket}
            self._ticks = sorted(self._buckets)
        self._sweep_after = self._order + COMPACT_ABOVE + len(live)
