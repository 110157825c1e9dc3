"""The forward of a call: what calling its target from the ID that forwards would be.

The ID pays: its bars, countries, blocks and presented number hold, and the contract's channels are
claimed. It does not take its device's place, for the device has no part in what follows. Whom the
call reaches inside the switch sees the first caller; outside, the ID's number is presented.
"""

from msgspec.structs import replace

from routing import outbound, reach
from routing.case import Case
from routing.decision import (
    Answer,
    Attempt,
    Caller,
    Decision,
    Detection,
    Diversion,
    Forward,
    Out,
    Outcome,
    RefusalCause,
    Refuse,
    Ring,
    Serve,
    refuse,
)
from routing.device import Device
from routing.directory import Directory
from routing.handling import VOICEMAIL, Condition
from routing.number import is_emergency
from routing.reach import Reach
from routing.standing import AssumedStanding, Standing
from routing.trace import Finding, Rule

MAX_FORWARDS = 5
"""One after the other; more is nobody's intention, and each may cost its ID a call."""

_FOLLOWED = {
    Condition.ALWAYS: Finding.ALWAYS,
    Condition.BUSY: Finding.BUSY,
    Condition.NO_ANSWER: Finding.NO_ANSWER,
    Condition.UNREACHABLE: Finding.UNREACHABLE,
}

_HEARD = frozenset(
    {
        RefusalCause.ANONYMOUS,
        RefusalCause.BUSY,
        RefusalCause.CHANNELS_FULL,
        RefusalCause.CONTRACT_FULL,
        RefusalCause.DEVICE_FULL,
        RefusalCause.FORWARD_LOOP,
        RefusalCause.OWN_NUMBER,
        RefusalCause.REJECTED,
    }
)
"""What a caller may hear of a forward; of its ID's bars and settings it hears 480."""

_NO_TARGET = frozenset(
    {
        RefusalCause.BARRED,
        RefusalCause.COUNTRY_BARRED,
        RefusalCause.FORWARD_LOOP,
        RefusalCause.INVALID_NUMBER,
        RefusalCause.OWN_NUMBER,
        RefusalCause.UNKNOWN_NUMBER,
    }
)
"""What no moment makes right."""

_BUSY_STATUSES = frozenset({486, 600})
_UNREACHABLE_STATUSES = frozenset({404, 408, 410, 480, 500, 502, 503, 504})


def resolve(
    attempt: Attempt, forward: Forward, directory: Directory, standing: Standing
) -> Decision:
    """Decide what becomes of a call that is sent on; its claims hold those it has already.

    `attempt` is the call's own, its time the present. Pure, as `route` is.
    """
    case = Case(attempt, directory, standing)
    outcome = settled(case, forward)
    return Decision(outcome, case.trace.steps())


def target_fault(
    device: Device, target: str, directory: Directory, at: float
) -> RefusalCause | None:
    """Tell why an ID can't forward to what its phone has dialled, or None (`*72`).

    What only the moment refuses (somebody busy, a budget) is no fault of the target.
    """
    diversion = Diversion(device, device.number, Condition.ALWAYS, target)
    forward = Forward((diversion,), Caller(device.number, "", withheld=False))
    found = resolve(Attempt(device, target, at), forward, directory, AssumedStanding()).outcome
    if isinstance(found, Refuse) and found.cause in _NO_TARGET:
        return found.cause
    return None


def after(ring: Ring, status: int) -> Forward | None:
    """Return where a call goes whose device has refused it so, or has not answered at all (408)."""
    if status in _BUSY_STATUSES:
        return ring.when_busy
    return ring.when_unreachable if status in _UNREACHABLE_STATUSES else None


def settled(case: Case, answer: Answer) -> Outcome:
    """Follow forwards until something else becomes of the call."""
    while isinstance(answer, Forward):
        case = case.forwarded(answer)
        answer = _follow(case, answer)
    if isinstance(answer, Detection):
        answer = replace(answer.serve, then=settled(case, answer.voice))
    if case.diverted_by and isinstance(answer, Ring | Serve | Out):
        return replace(answer, diverted_by=case.diverted_by)
    return answer


def _follow(case: Case, forward: Forward) -> Answer:
    *before, last = forward.diverted_by
    device, target = last.device, last.target
    finding, cause = _FOLLOWED[last.condition], None
    if any(each.device.username == device.username for each in before):
        finding, cause = Finding.LOOP, RefusalCause.FORWARD_LOOP
    elif len(before) >= MAX_FORWARDS:
        finding, cause = Finding.TOO_MANY, RefusalCause.FORWARD_LOOP
    elif is_emergency(target):
        # Nobody here has called for help, and whoever answers there would call the wrong one back.
        finding, cause = Finding.BARRED, RefusalCause.BARRED
    case.trace.note(Rule.FORWARD, finding, device.username, target)
    if cause is not None:
        return _heard(refuse(cause))
    if target == VOICEMAIL:
        return reach.voicemail(
            case, Reach(device, last.called, forward.caller, forward.claims), _why(last.condition)
        )
    found = outbound.forwarded(case, forward)
    return _heard(found) if isinstance(found, Refuse) else found


def _why(condition: Condition) -> RefusalCause:
    return RefusalCause.BUSY if condition is Condition.BUSY else RefusalCause.UNREACHABLE


def _heard(refusal: Refuse) -> Refuse:
    """Keep the cause for the record, and tell the caller nothing of an ID's settings."""
    if refusal.cause in _HEARD:
        return Refuse(refusal.status, refusal.reason, refusal.cause)
    return Refuse(480, "Temporarily Unavailable", refusal.cause)
