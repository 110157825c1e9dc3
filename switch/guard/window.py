"""A sliding window: what was counted in the last so many seconds, in a bounded number of steps."""

STEPS = 24
"""Into so many steps a window is cut: an amount leaves at most a 24th of the window late."""


class Window:
    """A sum over the last `seconds`; what is older by a whole step is forgotten."""

    __slots__ = ("_step", "_sums")

    def __init__(self, seconds: float) -> None:
        self._step = seconds / STEPS
        self._sums: dict[int, float] = {}

    def add(self, amount: float, at: float) -> None:
        """Count an amount now; `at` never goes back."""
        step = int(at // self._step)
        self._forget(step)
        self._sums[step] = self._sums.get(step, 0.0) + amount

    def take_back(self, amount: float, at: float) -> None:
        """Undo what was counted at an earlier time, unless it is forgotten already."""
        step = int(at // self._step)
        if step in self._sums:
            self._sums[step] = max(0.0, self._sums[step] - amount)

    def sum(self, at: float) -> float:
        """Return what the window holds."""
        self._forget(int(at // self._step))
        return sum(self._sums.values())

    def holds(self, at: float) -> bool:
        """Tell whether anything is in the window."""
        self._forget(int(at // self._step))
        return bool(self._sums)

    def _forget(self, step: int) -> None:
        sums = self._sums
        while sums and (oldest := next(iter(sums))) < step - STEPS:
            del sums[oldest]
