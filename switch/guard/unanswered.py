"""Challenges that nobody answers: a phone without a password, or one that cannot do the digest.

Such a phone is refused again and again without ever failing, so that nothing else tells of it.
"""

from switch.sip.flow import Address

MAX_REMOTES = 4096
"""Addresses remembered, below 1 MB. A flood from new addresses washes the others out: then no line
tells of a silent phone, and nothing else is lost."""

FIRST_TOLD = 10
"""Challenges in a row until the first line: more than a lossy network repeats a request."""

TOLD_EVERY = 100


class Unanswered:
    """Counts challenges to an address since it last sent credentials."""

    def __init__(self, max_remotes: int = MAX_REMOTES) -> None:
        self._max_remotes = max_remotes
        self._counts: dict[Address, int] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def challenged(self, remote: Address) -> int:
        """Count a challenge; return how many there were when that is to be told, else 0."""
        counts = self._counts
        count = counts.pop(remote, 0) + 1
        if len(counts) >= self._max_remotes:
            del counts[next(iter(counts))]
        counts[remote] = count
        return count if count == FIRST_TOLD or count % TOLD_EVERY == 0 else 0

    def answered(self, remote: Address) -> None:
        """Forget the challenges: credentials came, right or wrong."""
        self._counts.pop(remote, None)
