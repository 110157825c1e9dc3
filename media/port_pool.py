"""The pool of RTP ports: even, with the next odd one for RTCP (RFC 3550 section 11), round robin.

A freed port rests before it is used again, so that late packets of the last call do not meet the
next.
"""

from collections import deque

QUARANTINE = 2.0
"""How long a freed port rests: longer than a straggling packet or a far side's late goodbye."""


class PortPool:
    """The free even ports of a range, the longest unused first."""

    def __init__(self, low: int, high: int, *, quarantine: float = QUARANTINE) -> None:
        first = low + low % 2
        self._free: deque[tuple[int, float]] = deque(
            (port, float("-inf")) for port in range(first, high, 2)
        )
        self._quarantine = quarantine
        self.size = len(self._free)
        """How many pairs the range holds."""

    def __len__(self) -> int:
        """Count the pairs that are not taken, resting ones included."""
        return len(self._free)

    def __repr__(self) -> str:
        return f"<PortPool {len(self)} of {self.size} free>"

    def take(self, now: float) -> int | None:
        """Take the RTP port of a pair; None when all are taken or resting."""
        if not self._free or self._free[0][1] > now:
            return None
        return self._free.popleft()[0]

    def free(self, port: int, now: float) -> None:
        """Give a pair back."""
        self._free.append((port, now + self._quarantine))
