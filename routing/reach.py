"""Reaching one ID: what it has set decides before and after its device rings.

The same for its direct number and for its extension: callers it does not want, a forward of every
call, do-not-disturb, and the forwards for when its device is busy, gone or not answered.
"""

import msgspec
from msgspec.structs import replace

from routing.case import Case
from routing.decision import (
    Caller,
    Diversion,
    Forward,
    RefusalCause,
    Refuse,
    Ring,
    Serve,
    Service,
    refuse,
)
from routing.device import Device
from routing.handling import Condition
from routing.limit import Claim
from routing.line import Line
from routing.trace import Finding, Rule


class Reach(msgspec.Struct, frozen=True):
    """A call to one ID."""

    device: Device
    called: str
    """Its direct number in E.164, or its extension."""
    caller: Caller
    claims: tuple[Claim, ...]
    """What the call has taken on the way here, without the device's own place."""


def screened(case: Case, device: Device, caller: Caller, number: str | None) -> RefusalCause | None:
    """Tell whether an ID turns a caller of this number away; None when it does not."""
    handling = device.handling
    if not handling.screens:
        return None
    finding, cause = Finding.ALLOWED, None
    if number in handling.rejected:
        finding, cause = Finding.LISTED, RefusalCause.REJECTED
    elif caller.withheld and handling.rejects_anonymous:
        finding, cause = Finding.WITHHELD_REFUSED, RefusalCause.ANONYMOUS
    case.trace.note(Rule.SCREENING, finding, number or "", device.username)
    return cause


def returned(case: Case, device: Device, called: str) -> RefusalCause | None:
    """Tell whether a forward leads back to somebody who has part in the call already."""
    if case.forward is None or not case.is_party(device.username):
        return None
    case.trace.note(Rule.FORWARD, Finding.LOOP, device.username, called)
    own = case.caller_device
    if own is not None and own.username == device.username:
        return RefusalCause.OWN_NUMBER
    return RefusalCause.FORWARD_LOOP


def silent(case: Case, reach: Reach) -> Forward | Serve | Refuse | None:
    """Decide about a call for which the device does not ring at all; None when it may."""
    onward = forward(case, reach, Condition.ALWAYS)
    if onward is not None or not reach.device.handling.do_not_disturb:
        return onward
    case.trace.note(Rule.DO_NOT_DISTURB, Finding.YES, reach.device.username)
    return voicemail(case, reach, RefusalCause.DO_NOT_DISTURB)


def forward(case: Case, reach: Reach, condition: Condition) -> Forward | None:
    """Return where an ID sends a call on under this condition."""
    target = reach.device.handling.forwards.get(condition)
    if target is None:
        return None
    diversion = Diversion(reach.device, reach.called, condition, target)
    return Forward((*case.diverted_by, diversion), reach.caller, reach.claims)


def with_forwards(case: Case, ring: Ring, reach: Reach) -> Ring:
    """Add to a ring where an ID sends the call when its device is busy, gone or not answered."""
    if not reach.device.handling.forwards:
        return ring
    ring = replace(
        ring,
        when_busy=forward(case, reach, Condition.BUSY),
        when_unreachable=forward(case, reach, Condition.UNREACHABLE),
    )
    unanswered = forward(case, reach, Condition.NO_ANSWER)
    delay = reach.device.handling.no_answer_delay
    # Voicemail of the number and the ID's forward wait side by side: who is sooner has the call.
    if unanswered is None or (ring.then is not None and ring.patience < delay):
        return ring
    return replace(ring, patience=delay, then=None, when_unanswered=unanswered)


def voicemail(case: Case, reach: Reach, otherwise: RefusalCause) -> Serve | Refuse:
    """Let voicemail of the direct number answer at once, where it is contracted."""
    line = case.directory.lines[reach.device.number]
    note_voicemail(case, line, Finding.AT_ONCE)
    if line.voicemail_delay is None:
        return refuse(otherwise)
    return Serve(Service.VOICEMAIL, line, reach.caller, reach.claims)


def note_voicemail(case: Case, line: Line, when: Finding) -> None:
    """Note when voicemail answers for a number, if it does."""
    delay = line.voicemail_delay
    finding = Finding.NOT_CONTRACTED if delay is None else when
    seconds = "" if delay is None else f"{delay:g}"
    case.trace.note(Rule.VOICEMAIL, finding, line.number, seconds)
