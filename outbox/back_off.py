"""Back-off: how long a mail waits for its next attempt, and when it is given up."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackOff:
    """Waits that double from the first to the longest, each spread by a part of itself."""

    first: float = 60.0
    longest: float = 3600.0
    attempts: int = 90
    """With these waits three and a half days: over a long weekend."""
    spread: float = 0.2
    """So that mails that failed together do not come back together."""

    def wait(self, attempt: int, uniform: Callable[[float, float], float]) -> float | None:
        """Tell the seconds from a failed attempt (the first is 1) to the next; None: give up."""
        if attempt >= self.attempts:
            return None
        # Doubling a float 2000 times over is an error, and the longest is reached long before.
        base = min(self.longest, self.first * 2.0 ** min(attempt - 1, 64))
        return uniform(base * (1 - self.spread), base * (1 + self.spread))
