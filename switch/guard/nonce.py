"""Nonces: made without state, used up one count at a time (RFC 7616 sections 3.3 and 5.4).

A nonce is `time | serial | MAC`. It costs no memory until its first right use, so that a flood of
requests without credentials leaves no trace; and it is bound to nothing that a NAT may change.

Replay is refused by the nonce count. Of each nonce that somebody has used rightly (only an account
can do that) the highest count and a window below it are remembered. What is no longer remembered is
no longer accepted: forgetting a nonce for want of room makes all nonces up to it stale, and a nonce
of an earlier run lacks this run's MAC. Either costs an honest client one more round trip and no
more, because a right answer to a nonce that is not accepted is told `stale`.
"""

import hashlib
from hmac import compare_digest, digest

MAX_NONCES = 65_536
"""Remembered nonces, about one an account and lifetime: some 12 MB when full."""

WINDOW = 32
"""Counts below the highest that may still arrive once: requests overtake each other over UDP."""

_MASK = 0xFFFF_FFFF
_STAMP = 16
_MAC = 24


class Nonces:
    """The nonces of one realm; `secret` keys their MAC and is drawn afresh for every run.

    Wall time is `now + wall_offset`.
    """

    def __init__(
        self,
        secret: bytes,
        *,
        lifetime: float,
        wall_offset: float = 0.0,
        max_remembered: int = MAX_NONCES,
    ) -> None:
        self._key = hashlib.sha256(secret).digest()
        self._lifetime = lifetime
        self._wall_offset = wall_offset
        self._max_remembered = max_remembered
        self._serial = 0
        self._used: dict[str, tuple[int, int]] = {}
        """Nonce to its highest count and the window below it, first used first."""
        self._forgotten = ""
        """The stamp up to which nonces are no longer remembered, and so no longer accepted."""

    def __len__(self) -> int:
        return len(self._used)

    def new(self, now: float) -> str:
        """Make a nonce that was never made before in this run."""
        self._serial += 1
        stamp = f"{int(now + self._wall_offset) & _MASK:08x}{self._serial & _MASK:08x}"
        return stamp + self._mac(stamp.encode())

    def is_fresh(self, nonce: str, now: float) -> bool:
        """Tell whether a nonce is of this run, within its life and not forgotten."""
        octets = nonce.encode("utf-8", "surrogateescape")
        if not compare_digest(self._mac(octets[:_STAMP]).encode(), octets[_STAMP:]):
            return False
        age = now + self._wall_offset - int(nonce[:8], 16)
        return age <= self._lifetime and nonce[:_STAMP] > self._forgotten

    def spend(self, nonce: str, count: int, now: float) -> bool:
        """Use up a count of a fresh nonce; tell whether it was still to be had."""
        entry = self._used.get(nonce)
        if entry is None:
            self._make_room(now)
            self._used[nonce] = (count, 1)
            return True
        highest, window = entry
        ahead = count - highest
        if ahead > 0:
            shifted = window << min(ahead, WINDOW) & ((1 << WINDOW) - 1)
            self._used[nonce] = (count, shifted | 1)
            return True
        bit = 1 << -ahead
        if ahead <= -WINDOW or window & bit:
            return False
        self._used[nonce] = (highest, window | bit)
        return True

    def _mac(self, stamp: bytes) -> str:
        return digest(self._key, stamp, "sha256").hex()[:_MAC]

    def _make_room(self, now: float) -> None:
        """Drop the oldest nonces that are past their life, and one more when there is no room."""
        used = self._used
        expired = f"{max(0, int(now + self._wall_offset - self._lifetime)):08x}"
        while used:
            oldest = next(iter(used))
            if oldest[:8] >= expired:
                if len(used) < self._max_remembered:
                    return
                self._forgotten = max(self._forgotten, oldest[:_STAMP])
            del used[oldest]
