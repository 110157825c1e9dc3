"""The presented number: what a device shows, and whether it does (R16, R24, R25, R40, 184, 186).

A device shows its direct number, or the representative number of its setting. For one call it may
choose another number that is assigned to it: a representative number in From, any in
P-Preferred-Identity. A phone's From names its direct number on every call, which is no choice and
does not undo the setting. What its contract does not hold it can't present, whatever it says.
"""

import msgspec

from routing.case import Case
from routing.decision import Caller
from routing.device import Device
from routing.line import Line
from routing.number import Presentation
from routing.trace import Finding, Rule


class Presented(msgspec.Struct, frozen=True):
    """The number that a call presents."""

    caller: Caller
    line: Line | None = None
    """The representative number whose channel it takes; None for a direct number."""


def is_withheld(case: Case, called: str, dialled: Presentation) -> bool:
    """Tell whether the caller is not to be shown; what was dialled overrules the header field."""
    withheld = case.attempt.withhold
    finding = Finding.WITHHELD if withheld else Finding.SHOWN
    if dialled is Presentation.WITHHELD:
        withheld, finding = True, Finding.WITHHELD_BY_PREFIX
    elif dialled is Presentation.PRESENTED:
        withheld, finding = False, Finding.SHOWN_BY_PREFIX
    case.trace.note(Rule.PRESENTATION, finding, called)
    return withheld


def direct(case: Case, device: Device) -> Presented:
    """Present the direct number, shown in any case: an authority is always told (184 or not)."""
    _note(case, device, Finding.DIRECT, device.number)
    return Presented(Caller(device.number, device.display_name, withheld=False))


def present(case: Case, device: Device, *, withheld: bool) -> Presented | None:
    """Decide which number a call presents; None when it asks for another contract's."""
    asked = case.asked
    line = None if asked is None else case.directory.line(asked)
    if line is None:
        return configured(case, device, withheld=withheld)
    if line.contract != device.contract:
        _note(case, device, Finding.FOREIGN, "")
        return None
    if line.number == device.number:
        if not case.attempt.is_preferred:
            return configured(case, device, withheld=withheld)
        return _chosen(case, device, None, Finding.CHOSEN, withheld=withheld)
    if not line.is_assigned(device.username) or not is_in_service(case, line):
        return configured(case, device, Finding.NOT_ASSIGNED, withheld=withheld)
    return _chosen(case, device, line, Finding.CHOSEN, withheld=withheld)


def is_in_service(case: Case, line: Line) -> bool:
    """Whether a number has come to the switch: a port-in has a date."""
    return line.in_service_from <= case.attempt.at


def configured(
    case: Case, device: Device, finding: Finding | None = None, *, withheld: bool
) -> Presented:
    """Present what the setting says; its number may not have come yet."""
    wanted = device.caller_id
    line = None if wanted in {None, device.number} else case.directory.lines[wanted or ""]
    if line is None:
        return _chosen(case, device, None, finding or Finding.DIRECT, withheld=withheld)
    if not is_in_service(case, line):
        return _chosen(case, device, None, Finding.NOT_YET, withheld=withheld)
    return _chosen(case, device, line, finding or Finding.SETTING, withheld=withheld)


def _chosen(
    case: Case, device: Device, line: Line | None, finding: Finding, *, withheld: bool
) -> Presented:
    number = device.number if line is None else line.number
    _note(case, device, finding, number)
    # Whoever calls in the name of the company shows its name, not the employee's.
    name = device.display_name if line is None else line.name
    return Presented(Caller(number, name, withheld), line)


def _note(case: Case, device: Device, finding: Finding, number: str) -> None:
    asked = case.asked or ""
    case.trace.note(Rule.CALLER_ID, finding, device.username, asked, number)
