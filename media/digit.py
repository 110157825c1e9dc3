"""Collecting digits: how many, how long to wait, and what was dialled ahead."""

from media.plane import Collect, CollectEnd

MAX_AHEAD = 32
"""Digits kept that were dialled before they were asked for: a menu's whole path and a PIN."""
MAX_DIGITS = 64
"""No collection takes more: the longest number has 15 digits, and a prefix."""
DIGITS = "0123456789*#ABCD"


class Digits:
    """The digits of one far side."""

    def __init__(self) -> None:
        self._ahead = ""
        self._wanted: Collect | None = None
        self._collected = ""
        self._deadline: float | None = None

    @property
    def is_collecting(self) -> bool:
        """Whether a collection runs."""
        return self._wanted is not None

    @property
    def collected(self) -> str:
        """The digits collected so far."""
        return self._collected

    def begin(self, wanted: Collect) -> CollectEnd | None:
        """Start collecting with what was dialled ahead; says why, when that is enough already."""
        ahead = "" if wanted.flush else self._ahead
        self._ahead, self._collected, self._deadline = "", "", None
        self._wanted = wanted
        for at, digit in enumerate(ahead):
            end = self._take(wanted, digit)
            if end is not None:
                self._ahead = ahead[at + 1 :]
                return end
        return None

    def hear(self, digit: str, now: float) -> CollectEnd | None:
        """Take a digit; says why, when the collection is over with it."""
        if self._wanted is None:
            self._ahead = (self._ahead + digit)[-MAX_AHEAD:]
            return None
        self._deadline = now + self._wanted.inter_timeout
        return self._take(self._wanted, digit)

    def poll(self, now: float, *, is_playing: bool) -> CollectEnd | None:
        """Let time pass; the first digit is waited for from the end of what is played."""
        if self._wanted is None:
            return None
        if self._deadline is None:
            if not is_playing:
                wait = self._wanted
                self._deadline = now + (
                    wait.inter_timeout if self._collected else wait.first_timeout
                )
            return None
        return CollectEnd.TIMEOUT if now >= self._deadline else None

    def end(self) -> str:
        """Stop collecting: the digits."""
        digits = self._collected
        self._wanted, self._collected, self._deadline = None, "", None
        return digits

    def _take(self, wanted: Collect, digit: str) -> CollectEnd | None:
        if digit in wanted.terminators:
            return CollectEnd.TERMINATOR
        self._collected += digit
        if len(self._collected) >= min(wanted.max_digits, MAX_DIGITS):
            return CollectEnd.COMPLETE
        return None
