"""A call to a number of this switch: every step until a device rings or a service answers.

The steps are the same for a carrier's call and for one from a device of any contract: is the number
in service, is the caller wanted, is a channel left, is it a fax, is the office open, who rings, and
who answers when nobody does.
"""

from routing import reach
from routing.caller_id import is_in_service
from routing.case import Case
from routing.channel import contract_claim, device_claim, exhausted, joined, number_claim
from routing.customer import Customer
from routing.decision import (
    PATIENCE,
    Answer,
    Caller,
    Detection,
    RefusalCause,
    Ring,
    Serve,
    Service,
    refuse,
)
from routing.device import Device
from routing.handling import Condition
from routing.limit import Claim
from routing.line import FaxMode, Line, WhenFull
from routing.number import Number, NumberError, bare
from routing.reach import Reach, note_voicemail
from routing.ring_plan import RingPlan, plan
from routing.trace import Finding, Rule
from routing.trunk import Trunk


def from_trunk(case: Case, trunk: Trunk) -> Answer:
    """Decide about a carrier's call."""
    number = _did(case, trunk)
    if number is None:
        return refuse(RefusalCause.UNKNOWN_NUMBER)
    line = case.directory.line(number)
    if line is None:
        case.trace.note(Rule.LINE, Finding.UNKNOWN, number, "")
        return refuse(RefusalCause.UNKNOWN_NUMBER)
    attempt = case.attempt
    return answer(case, line, Caller(attempt.presented, attempt.display_name, attempt.withhold))


def answer(case: Case, line: Line, caller: Caller, claims: tuple[Claim, ...] = ()) -> Answer:
    """Decide who answers a number; `claims` are what the call takes on the caller's side."""
    customer = case.directory.customers[line.contract]
    cause = (
        _out_of_service(case, line, customer)
        or _unwanted(case, customer, caller)
        or _turned_away(case, line, caller)
    )
    if cause is not None:
        return refuse(cause)
    claims = joined(claims, number_claim(customer, line), contract_claim(customer))
    cause = exhausted(case, claims)
    if cause is not None:
        return _full(case, line, caller, cause)
    return _fax(case, line, caller, claims)


def _did(case: Case, trunk: Trunk) -> str | None:
    """Read the number that a carrier calls."""
    called = bare(case.attempt.called)
    try:
        number = Number.parse(called).text
    except NumberError:
        case.trace.note(Rule.DID, Finding.MALFORMED, trunk.name, called, "")
        return None
    finding = Finding.VALID if trunk.carries(number) else Finding.NOT_CARRIED
    case.trace.note(Rule.DID, finding, trunk.name, called, number)
    return number if finding is Finding.VALID else None


def _out_of_service(case: Case, line: Line, customer: Customer) -> RefusalCause | None:
    finding, cause = Finding.IN_SERVICE, None
    if not is_in_service(case, line):
        finding, cause = Finding.NOT_YET, RefusalCause.NOT_IN_SERVICE
    elif customer.is_suspended:
        finding, cause = Finding.SUSPENDED, RefusalCause.SUSPENDED
    case.trace.note(Rule.LINE, finding, line.number, line.contract)
    return cause


def _unwanted(case: Case, customer: Customer, caller: Caller) -> RefusalCause | None:
    """Tell whether a contract turns this caller away, known or not shown (RFC 5079)."""
    told = (caller.number or "", customer.contract)
    if caller.number in customer.rejected:
        case.trace.note(Rule.REJECTION, Finding.LISTED, *told)
        return RefusalCause.REJECTED
    case.trace.note(Rule.REJECTION, Finding.NOT_LISTED, *told)
    if not caller.withheld:
        case.trace.note(Rule.ANONYMITY, Finding.SHOWN, *told)
        return None
    if not customer.rejects_anonymous:
        case.trace.note(Rule.ANONYMITY, Finding.WITHHELD, *told)
        return None
    case.trace.note(Rule.ANONYMITY, Finding.WITHHELD_REFUSED, *told)
    return RefusalCause.ANONYMOUS


def _turned_away(case: Case, line: Line, caller: Caller) -> RefusalCause | None:
    """Tell why the ID of a direct number cannot be called, whatever its device is doing."""
    owner = _owner(case, line)
    if owner is None:
        return None
    back = reach.returned(case, owner, line.number)
    return back or reach.screened(case, owner, caller, caller.number)


def _owner(case: Case, line: Line) -> Device | None:
    """Return the ID of a direct number."""
    if line.is_representative:
        return None
    return case.directory.devices[line.ringers[0].username]


def _full(case: Case, line: Line, caller: Caller, cause: RefusalCause) -> Answer:
    """Turn a caller away for whom there is no channel; the announcement itself takes none."""
    announced = line.when_full is WhenFull.ANNOUNCEMENT
    case.trace.note(Rule.WHEN_FULL, Finding.ANNOUNCED if announced else Finding.BUSY, line.number)
    if announced:
        return Serve(Service.BUSY_ANNOUNCEMENT, line, caller)
    return refuse(cause)


def _fax(case: Case, line: Line, caller: Caller, claims: tuple[Claim, ...]) -> Answer:
    if line.fax is None:
        case.trace.note(Rule.FAX, Finding.NOT_CONTRACTED, line.number)
        return _voice(case, line, caller, claims)
    if line.fax is FaxMode.ONLY:
        case.trace.note(Rule.FAX, Finding.ONLY, line.number)
        return Serve(Service.FAX, line, caller, claims)
    case.trace.note(Rule.FAX, Finding.SHARED, line.number)
    voice = _voice(case, line, caller, claims)
    return Detection(Serve(Service.FAX_DETECTION, line, caller, claims), voice)


def _voice(case: Case, line: Line, caller: Caller, claims: tuple[Claim, ...]) -> Answer:
    if _is_closed(case, line):
        return Serve(Service.AFTER_HOURS, line, caller, claims)
    owner = _owner(case, line)
    if owner is not None:
        return _direct(case, line, Reach(owner, line.number, caller, claims))
    found = plan(case, line)
    if not found.stages:
        return _nobody(case, line, caller, claims, found)
    return _ring(case, line, caller, claims, found)


def _direct(case: Case, line: Line, called: Reach) -> Answer:
    """Decide about a direct number, as its ID has set it."""
    first = reach.silent(case, called)
    if first is not None:
        return first
    found = plan(case, line)
    if not found.stages:
        condition = Condition.BUSY if found.is_busy else Condition.UNREACHABLE
        onward = reach.forward(case, called, condition)
        return onward or _nobody(case, line, called.caller, called.claims, found)
    ring = _ring(
        case, line, called.caller, joined(called.claims, device_claim(called.device)), found
    )
    return reach.with_forwards(case, ring, called)


def _ring(
    case: Case, line: Line, caller: Caller, claims: tuple[Claim, ...], found: RingPlan
) -> Ring:
    delay = line.voicemail_delay
    note_voicemail(case, line, Finding.AFTER_DELAY)
    return Ring(
        found.stages,
        PATIENCE if delay is None else delay,
        caller,
        line,
        found.late,
        None if delay is None else Service.VOICEMAIL,
        claims,
    )


def _is_closed(case: Case, line: Line) -> bool:
    finding = Finding.NOT_CONTRACTED
    if line.after_hours:
        is_open = case.standing.is_open(line.number, case.attempt.at)
        finding = Finding.OPEN if is_open else Finding.CLOSED
    case.trace.note(Rule.HOURS, finding, line.number)
    return finding is Finding.CLOSED


def _nobody(
    case: Case, line: Line, caller: Caller, claims: tuple[Claim, ...], found: RingPlan
) -> Answer:
    """Answer for devices that cannot be reached, or are all busy."""
    note_voicemail(case, line, Finding.AT_ONCE)
    if line.voicemail_delay is not None:
        return Serve(Service.VOICEMAIL, line, caller, claims)
    return refuse(RefusalCause.BUSY if found.is_busy else RefusalCause.UNREACHABLE)
