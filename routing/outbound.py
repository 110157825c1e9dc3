"""A call from a device: emergency before every rule, then extensions, features and numbers."""

import re

from routing import inbound, reach
from routing.abroad import Length, look_up
from routing.budget import ABROAD_KINDS
from routing.caller_id import Presented, configured, direct, is_in_service, is_withheld, present
from routing.carrier import Lack, Selection, select
from routing.case import Case
from routing.channel import (
    caller_claims,
    calling_claim,
    contract_claim,
    device_claim,
    exhausted,
    joined,
    shared_claim,
)
from routing.customer import Customer
from routing.decision import (
    PATIENCE,
    SUSPENDED_CALLER,
    Answer,
    Caller,
    Forward,
    Out,
    RefusalCause,
    Refuse,
    Ring,
    Use,
    refuse,
)
from routing.device import Device
from routing.dial_plan import SERVED
from routing.handling import Condition
from routing.limit import Claim
from routing.line import Line
from routing.number import (
    Number,
    NumberError,
    NumberKind,
    bare,
    is_emergency,
    split_presentation,
)
from routing.reach import Reach
from routing.trace import Finding, Rule

_LACKS = {
    Lack.NO_TRUNK: (Finding.NOT_CONFIGURED, RefusalCause.NO_TRUNK),
    Lack.NO_ROUTE: (Finding.NO_ROUTE, RefusalCause.NO_ROUTE),
    Lack.NUMBER_NOT_CARRIED: (Finding.NOT_CARRIED, RefusalCause.NUMBER_NOT_CARRIED),
    Lack.UNAVAILABLE: (Finding.UNAVAILABLE, RefusalCause.TRUNKS_UNAVAILABLE),
}

_COUNTRY_FAULTS = {
    Length.TOO_SHORT: (Finding.INCOMPLETE, RefusalCause.INVALID_NUMBER),
    Length.TOO_LONG: (Finding.MALFORMED, RefusalCause.INVALID_NUMBER),
    Length.NO_COUNTRY: (Finding.UNKNOWN, RefusalCause.UNKNOWN_NUMBER),
}

_BROKEN = re.compile(r"[+0][0-9*#]*|[0-9*#]{9,}", re.ASCII)
"""What was meant for a number: it begins as one does, or is longer than any extension."""


def from_device(case: Case, device: Device) -> Answer:
    """Decide about a device's call; the first rule that has an outcome ends it."""
    called = bare(case.attempt.called)
    # Before anything that a contract could set: neither shadowed nor barred, limited or blocked.
    emergency = _emergency(case, device, called)
    if emergency is not None:
        return emergency
    customer = case.directory.customers[device.contract]
    return (
        _contract(case, customer)
        or _extension(case, device, customer, called)
        or _feature(case, device, called)
        or _number(case, device, customer, called)
    )


def _emergency(case: Case, device: Device, called: str) -> Answer | None:
    if not is_emergency(called):
        case.trace.note(Rule.EMERGENCY, Finding.NO, called)
        return None
    case.trace.note(Rule.EMERGENCY, Finding.YES, called)
    number = Number.parse(split_presentation(called).text)
    caller = direct(case, device).caller
    selection = _select(case, number, device.number)
    if isinstance(selection, Refuse):
        return selection
    return Out(selection.trunks, number, caller, emergency=True)


def _contract(case: Case, customer: Customer) -> Refuse | None:
    finding = Finding.SUSPENDED if customer.is_suspended else Finding.ACTIVE
    case.trace.note(Rule.CONTRACT, finding, customer.contract)
    return SUSPENDED_CALLER if customer.is_suspended else None


def _extension(case: Case, device: Device, customer: Customer, called: str) -> Answer | None:
    callee = case.directory.by_extension(device.contract, called)
    if callee is None:
        case.trace.note(Rule.EXTENSION, Finding.NO, device.contract, called, "")
        return None
    if callee.username == device.username:
        case.trace.note(Rule.EXTENSION, Finding.OWN, device.contract, called, callee.username)
        return refuse(RefusalCause.OWN_NUMBER)
    caller = Caller(device.extension, device.display_name, case.attempt.withhold)
    claims = joined((), calling_claim(device), contract_claim(customer))
    return _inside(case, Reach(callee, called, caller, claims), device.number)


def _inside(case: Case, called: Reach, number: str | None) -> Answer:
    """Decide about a call to an extension from whoever has this number."""
    callee, told = called.device, (called.device.contract, called.called, called.device.username)
    if callee.handling.screens or callee.handling.keeps_silent:
        case.trace.note(Rule.EXTENSION, Finding.HERE, *told)
    cause = reach.screened(case, callee, called.caller, number)
    if cause is not None:
        return refuse(cause)
    if callee.handling.keeps_silent:
        cause = exhausted(case, called.claims)
        if cause is not None:
            return refuse(cause)
    first = reach.silent(case, called)
    if first is not None:
        return first
    finding, condition, cause = _state(case, callee)
    case.trace.note(Rule.EXTENSION, finding, *told)
    onward = None if condition is None else reach.forward(case, called, condition)
    if cause is None or onward is not None:
        cause = exhausted(case, called.claims)
    if cause is not None:
        return refuse(cause)
    claims = joined(called.claims, device_claim(callee))
    ring = Ring(((callee,),), PATIENCE, called.caller, claims=claims)
    return onward or reach.with_forwards(case, ring, called)


def _state(
    case: Case, callee: Device
) -> tuple[Finding, Condition, RefusalCause] | tuple[Finding, None, None]:
    """Tell whether a device could ring now, or what is to be done because it couldn't."""
    if not case.standing.is_registered(callee.username):
        return Finding.UNREACHABLE, Condition.UNREACHABLE, RefusalCause.UNREACHABLE
    if not case.has_room(device_claim(callee)):
        return Finding.BUSY, Condition.BUSY, RefusalCause.BUSY
    return Finding.RINGS, None, None


def forwarded(case: Case, forward: Forward) -> Answer:
    """Decide what calling a forward's target from its ID is (110, 118 and 119 are no targets)."""
    device, target, caller = forward.device, forward.target, forward.caller
    callee = case.directory.by_extension(device.contract, target)
    if callee is not None:
        cause = reach.returned(case, callee, target)
        if cause is not None:
            return refuse(cause)
        own = case.caller_device
        first = caller.number if own is None else own.number
        return _inside(case, Reach(callee, target, caller, forward.claims), first)
    number = _read(case, target)
    if isinstance(number, Refuse):
        return number
    line = _on_net(case, device, number)
    if line is not None:
        return inbound.answer(case, line, caller, forward.claims)
    presented = configured(case, device, withheld=False)
    customer = case.directory.customers[device.contract]
    claims = joined(forward.claims, *shared_claim(customer, presented.line))
    return _outside(case, device, number, presented, claims)


def _feature(case: Case, device: Device, called: str) -> Use | Refuse | None:
    found = case.directory.plan.feature(called)
    if found is not None and found.feature in SERVED:
        case.trace.note(Rule.FEATURE, Finding.YES, called, found.feature)
        return Use(found, device)
    if found is not None:
        case.trace.note(Rule.FEATURE, Finding.NOT_SERVED, called, found.feature)
        return refuse(RefusalCause.FEATURE_NOT_SERVED)
    if called.startswith("*"):
        case.trace.note(Rule.FEATURE, Finding.UNKNOWN, called, "")
        return refuse(RefusalCause.UNKNOWN_NUMBER)
    case.trace.note(Rule.FEATURE, Finding.NO, called, "")
    return None


def _number(case: Case, device: Device, customer: Customer, called: str) -> Answer:
    dialled = split_presentation(called)
    withheld = is_withheld(case, called, dialled.presentation)
    number = _read(case, dialled.text)
    if isinstance(number, Refuse):
        return number
    presented = present(case, device, withheld=withheld)
    if presented is None:
        return refuse(RefusalCause.FOREIGN_CALLER)
    claims = caller_claims(customer, device, presented.line)
    line = _on_net(case, device, number)
    if line is None:
        return _outside(case, device, number, presented, claims)
    if line.number == device.number:
        return refuse(RefusalCause.OWN_NUMBER)
    cause = exhausted(case, claims)
    if cause is not None:
        return refuse(cause)
    return inbound.answer(case, line, presented.caller, claims)


def _read(case: Case, dialled: str) -> Number | Refuse:
    """Read what was dialled as a number; else it is a broken one, or nobody's extension or name."""
    try:
        number = Number.parse(dialled)
    except NumberError:
        if _BROKEN.fullmatch(dialled):
            case.trace.note(Rule.NUMBER, Finding.MALFORMED, dialled, "", "")
            return refuse(RefusalCause.INVALID_NUMBER)
        case.trace.note(Rule.NUMBER, Finding.UNKNOWN, dialled, "", "")
        return refuse(RefusalCause.UNKNOWN_NUMBER)
    kind = number.kind
    if kind is NumberKind.SHORT_CODE and not case.directory.plan.has_short_code(number.text):
        case.trace.note(Rule.NUMBER, Finding.UNKNOWN, dialled, number.text, kind.value)
        return refuse(RefusalCause.UNKNOWN_NUMBER)
    case.trace.note(Rule.NUMBER, Finding.VALID, dialled, number.text, kind.value)
    return number


def _on_net(case: Case, device: Device, number: Number) -> Line | None:
    """Find the number in this switch; one that has yet to be ported in is still reached outside."""
    line = case.directory.line(number.text)
    if line is None:
        case.trace.note(Rule.ON_NET, Finding.ELSEWHERE, number.text, "")
        return None
    finding = Finding.HERE
    if not is_in_service(case, line):
        finding = Finding.NOT_YET
    elif line.number == device.number:
        finding = Finding.OWN
    case.trace.note(Rule.ON_NET, finding, number.text, line.contract)
    return None if finding is Finding.NOT_YET else line


def _outside(
    case: Case,
    device: Device,
    number: Number,
    presented: Presented,
    claims: tuple[Claim, ...],
) -> Answer:
    cause = (
        _barred(case, device, number)
        or _country(case, device, number)
        or _blocked(case, device, number)
        or exhausted(case, claims)
    )
    if cause is not None:
        return refuse(cause)
    caller = presented.caller
    selection = _select(case, number, caller.number or "")
    if isinstance(selection, Refuse):
        return selection
    return Out(
        selection.trunks,
        number,
        caller,
        claims=claims,
        rate_per_minute=selection.rate_per_minute,
    )


def _barred(case: Case, device: Device, number: Number) -> RefusalCause | None:
    barred = number.kind in device.barred
    finding = Finding.BARRED if barred else Finding.ALLOWED
    case.trace.note(Rule.BARRING, finding, device.username, number.kind.value)
    return RefusalCause.BARRED if barred else None


def _country(case: Case, device: Device, number: Number) -> RefusalCause | None:
    if number.kind is not NumberKind.INTERNATIONAL:
        return None
    abroad = look_up(number.text)
    if abroad.length is not Length.POSSIBLE:
        finding, cause = _COUNTRY_FAULTS[abroad.length]
        case.trace.note(Rule.COUNTRY, finding, number.text, abroad.country)
        return cause
    allowed = device.countries is None or abroad.country in device.countries
    finding = Finding.ALLOWED if allowed else Finding.BARRED
    case.trace.note(Rule.COUNTRY, finding, number.text, abroad.country)
    return None if allowed else RefusalCause.COUNTRY_BARRED


def _blocked(case: Case, device: Device, number: Number) -> RefusalCause | None:
    abroad = number.kind in ABROAD_KINDS
    reason = case.standing.block(device.contract, device.username, abroad=abroad)
    finding = Finding.NO if reason is None else Finding.YES
    case.trace.note(Rule.BLOCK, finding, device.username, reason or "")
    return None if reason is None else RefusalCause.BLOCKED


def _select(case: Case, number: Number, presented: str) -> Selection | Refuse:
    """Choose the carriers, or refuse for want of one."""
    selection = select(case.directory.carriers, number, presented, case.attempt.at, case.standing)
    finding, cause = Finding.CHOSEN, None
    if selection.lack is not None:
        finding, cause = _LACKS[selection.lack]
    weighed = ", ".join(map(str, selection.weighed))
    trunks = ", ".join(trunk.name for trunk in selection.trunks)
    case.trace.note(Rule.TRUNKS, finding, number.text, presented, weighed, trunks)
    return selection if cause is None else refuse(cause)
