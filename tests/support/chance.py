"""Seeded chance: the only randomness of the simulations; a seed replays a run byte for byte."""

from random import Random


class Chance(Random):
    """A random generator that is told its seed as text, one for each purpose."""

    def __init__(self, *seed: str | int) -> None:
        super().__init__("/".join(str(part) for part in seed))

    def happens(self, probability: float) -> bool:
        """Tell whether something of this probability happens; the impossible draws nothing."""
        return probability > 0 and self.random() < probability
