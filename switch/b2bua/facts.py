"""What a call in progress shows of itself to operators."""

import msgspec


class CallFacts(msgspec.Struct, frozen=True):
    """A call in progress, as operators see it."""

    call_id: str
    state: str
    caller: str
    called: str
    started_at: float
    answered_at: float | None
    legs: tuple[str, ...]
    """The Call-ID of each leg."""
    endpoints: tuple[str, ...] = ()
    """Each leg's media endpoint, in the order of the legs."""
