"""How far a leg has come."""

from enum import Enum


class Phase(Enum):
    """How far a leg has come."""

    STARTING = "starting"
    EARLY = "early"
    ANSWERED = "answered"
    """A 2xx has been sent or received, its ACK has not."""
    CONFIRMED = "confirmed"
    ENDED = "ended"

    # A member is equal to itself alone, so its identity is hash enough, and three times as fast.
    __hash__ = object.__hash__
