"""A sliding window: what was counted in the last so many seconds, in a bounded number of steps."""

STEPS = 24
"""Into so many steps a window is cut: an amount leaves at most a 24th of the window late."""


class Window:
    """A sum over the last `seconds`; what is older by a whole step is forgotten."""

    __slots__ = ("_oldest", "_step", "_sums", "_total")

    def __init__(self, seconds: float) -> None:
        self._step = seconds / STEPS
        self._sums: dict[int, float] = {}
        self._oldest = 0
        """The first step that is held, when there is any."""
        self._total = 0.0

    def add(self, amount: float, at: float) -> None:
        """Count an amount now; `at` never goes back."""
        step = self._slide(at)
        if not self._sums:
            self._oldest = step
            self._total = 0.0  # What floating point has gathered of crumbs ends here.
        self._sums[step] = self._sums.get(step, 0.0) + amount
        self._total += amount

    def take_back(self, amount: float, at: float) -> None:
        """Undo what was counted at an earlier time, unless it is forgotten already."""
        step = int(at // self._step)
        amount = min(amount, self._sums.get(step, 0.0))
        if amount:
            self._sums[step] -= amount
            self._total -= amount

    def sum(self, at: float) -> float:
        """Return what the window holds."""
        self._slide(at)
        return self._total if self._sums else 0.0

    def holds(self, at: float) -> bool:
        """Tell whether anything is in the window."""
        self._slide(at)
        return bool(self._sums)

    def _slide(self, at: float) -> int:
        """Forget what has left the window; return the step of now."""
        step = int(at // self._step)
        sums = self._sums
        while sums and self._oldest < step - STEPS:
            self._total -= sums.pop(self._oldest)
            self._oldest = next(iter(sums), 0)
        return step
