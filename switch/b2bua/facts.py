"""What a call in progress shows of itself to operators."""

import msgspec

from switch.b2bua.call import Call


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


def facts_of(call: Call) -> CallFacts:
    """Describe a call in progress."""
    legs = tuple(member.leg for member in call.members())
    return CallFacts(
        call.id,
        call.state.value,
        call.record.caller,
        call.record.called,
        call.record.started_at,
        call.record.answered_at,
        tuple(leg.sip_call_id for leg in legs),
        tuple(leg.side.endpoint for leg in legs),
    )
