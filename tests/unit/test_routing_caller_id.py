"""The presented number: the setting, what a call may choose, and what it may not."""

from dataclasses import replace

import pytest

from routing.caller_id import Presented, direct, is_withheld, present
from routing.case import Case
from routing.decision import Caller
from routing.device import Device
from routing.line import Line, Ringer
from routing.number import Presentation
from routing.standing import AssumedStanding
from routing.trace import Finding
from tests.support.routed import (
    APP,
    CAROL,
    DESK,
    MAIN,
    NOW,
    OFFICE,
    SHARED,
    STRANGER,
    directory,
    inside,
)

SALES = replace(MAIN, number="+81398765001", ringers=(Ringer("app"),), name="Sales")
SETTING = replace(DESK, caller_id=SHARED)


def case(
    device: Device, asked: str | None = None, *, preferred: bool = False, main: Line = MAIN
) -> Case:
    devices = tuple(device if each.username == device.username else each for each in OFFICE.devices)
    known = directory(replace(OFFICE, devices=devices, lines=(main, SALES)))
    attempt = inside("0398765432", device, presented=asked, is_preferred=preferred)
    return Case(attempt, known, AssumedStanding())


def shown(made: Case, device: Device) -> tuple[str | None, Finding]:
    presented = present(made, device, withheld=False)
    (step,) = made.trace.steps()
    return None if presented is None else presented.caller.number, step.outcome


def test_a_device_presents_its_direct_number_and_its_name() -> None:
    presented = present(case(DESK), DESK, withheld=True)
    assert presented == Presented(Caller(DESK.number, "Desk", withheld=True))


def test_by_setting_it_presents_a_shared_number_and_that_numbers_name() -> None:
    presented = present(case(SETTING), SETTING, withheld=False)
    assert presented == Presented(Caller(SHARED, "Main", withheld=False), MAIN)


@pytest.mark.parametrize(
    ("device", "asked", "preferred", "number", "finding"),
    [
        (DESK, None, False, DESK.number, Finding.DIRECT),
        (DESK, DESK.number, False, DESK.number, Finding.DIRECT),
        (DESK, "201", False, DESK.number, Finding.DIRECT),
        (DESK, "sales team", True, DESK.number, Finding.DIRECT),
        (DESK, STRANGER, True, DESK.number, Finding.DIRECT),
        (DESK, SHARED, False, SHARED, Finding.CHOSEN),
        (DESK, SALES.number, True, DESK.number, Finding.NOT_ASSIGNED),
        (DESK, APP.number, True, DESK.number, Finding.NOT_ASSIGNED),
        (SETTING, None, False, SHARED, Finding.SETTING),
        (SETTING, STRANGER, False, SHARED, Finding.SETTING),
        (SETTING, DESK.number, False, SHARED, Finding.SETTING),
        (SETTING, DESK.number, True, DESK.number, Finding.CHOSEN),
        (SETTING, APP.number, False, SHARED, Finding.NOT_ASSIGNED),
        (replace(DESK, caller_id=DESK.number), None, False, DESK.number, Finding.DIRECT),
        (DESK, CAROL.number, False, None, Finding.FOREIGN),
        (SETTING, CAROL.number, True, None, Finding.FOREIGN),
    ],
)
def test_a_call_may_choose_among_the_numbers_of_its_id(
    device: Device, asked: str | None, number: str | None, finding: Finding, *, preferred: bool
) -> None:
    assert shown(case(device, asked, preferred=preferred), device) == (number, finding)


@pytest.mark.parametrize(("asked", "finding"), [(None, Finding.NOT_YET), (SHARED, Finding.NOT_YET)])
def test_a_number_that_has_yet_to_be_ported_in_is_not_presented(
    asked: str | None, finding: Finding
) -> None:
    coming = replace(MAIN, in_service_from=NOW + 1)
    assert shown(case(SETTING, asked, main=coming), SETTING) == (DESK.number, finding)
    come = replace(MAIN, in_service_from=NOW)
    assert shown(case(SETTING, asked, main=come), SETTING)[0] == SHARED


def test_an_authority_is_shown_the_direct_number() -> None:
    made = case(SETTING, SHARED)
    assert direct(made, SETTING) == Presented(Caller(DESK.number, "Desk", withheld=False))


@pytest.mark.parametrize(
    ("dialled", "header", "withheld", "finding"),
    [
        (Presentation.DEFAULT, False, False, Finding.SHOWN),
        (Presentation.DEFAULT, True, True, Finding.WITHHELD),
        (Presentation.WITHHELD, False, True, Finding.WITHHELD_BY_PREFIX),
        (Presentation.PRESENTED, True, False, Finding.SHOWN_BY_PREFIX),
    ],
)
def test_the_prefix_overrules_the_header_field(
    dialled: Presentation, finding: Finding, *, header: bool, withheld: bool
) -> None:
    made = Case(inside("0398765432", withhold=header), directory(), AssumedStanding())
    assert is_withheld(made, "0398765432", dialled) is withheld
    assert made.trace.steps()[0].outcome is finding
