"""The ring plan: fixed phones first, apps when none of them can ring, and who may join late."""

from dataclasses import replace

import pytest

from routing.case import Case
from routing.device import Device
from routing.limit import LimitKey, LimitKind
from routing.line import Line, LineKind, Ringer
from routing.ring_plan import RingPlan, plan
from routing.standing import AssumedStanding
from routing.trace import Finding
from tests.support.routed import APP, DESK, LOBBY, MAIN, OFFICE, directory, inside, outside

SECOND_APP = replace(APP, username="app-2", extension="204", number="+81312340004")
STAFF = {device.username: device for device in (DESK, LOBBY, APP, SECOND_APP)}


def shared(*ringers: str, silent: tuple[str, ...] = ()) -> Line:
    assigned = (*map(Ringer, ringers), *(Ringer(name, rings=False) for name in silent))
    return replace(MAIN, ringers=assigned)


def planned(
    line: Line, *missing: str, caller: Device | None = None, full: tuple[str, ...] = ()
) -> tuple[RingPlan, Finding]:
    limited = tuple(
        replace(each, max_calls=1) if each.username in full else each for each in STAFF.values()
    )
    lines = (line,) if line.is_representative else (MAIN, line)
    known = directory(replace(OFFICE, devices=limited, lines=lines))
    in_progress = {LimitKey(LimitKind.DEVICE, name): 1 for name in full}
    standing = AssumedStanding(unregistered=missing, in_progress=in_progress)
    case = Case(outside() if caller is None else inside("x", caller), known, standing)
    found = plan(case, line)
    (step,) = case.trace.steps()
    return found, step.outcome


def names(found: RingPlan) -> list[str]:
    return ["+".join(each.username for each in stage) for stage in found.stages]


def late(found: RingPlan) -> list[str]:
    return [each.username for each in found.late]


ALL = shared("app", "desk", "app-2", "lobby")


@pytest.mark.parametrize(
    ("line", "missing", "stages", "joining", "finding"),
    [
        (ALL, "", ["desk+lobby", "app+app-2"], ["app", "app-2"], Finding.FIXED_FIRST),
        (ALL, "lobby", ["desk", "app+app-2"], ["app", "app-2", "lobby"], Finding.FIXED_FIRST),
        (ALL, "app app-2", ["desk+lobby"], ["app", "app-2"], Finding.FIXED_ALONE),
        (ALL, "desk lobby", ["app+app-2"], ["desk", "lobby"], Finding.APPS_INSTEAD),
        (ALL, "desk lobby app", ["app-2"], ["app", "desk", "lobby"], Finding.APPS_INSTEAD),
        (ALL, "desk lobby app app-2", [], [], Finding.UNREACHABLE),
        (shared("desk"), "", ["desk"], [], Finding.FIXED_ALONE),
        (shared("app", "app-2"), "app-2", ["app"], ["app-2"], Finding.APPS_ALONE),
        (shared("app", silent=("desk",)), "", ["app"], [], Finding.APPS_ALONE),
        (shared("app", silent=("desk",)), "app", [], [], Finding.UNREACHABLE),
        (shared(silent=("desk", "app")), "", [], [], Finding.NOBODY_RINGS),
        (shared(), "", [], [], Finding.NOBODY_RINGS),
    ],
)
def test_fixed_phones_ring_before_apps(
    line: Line, missing: str, stages: list[str], joining: list[str], finding: Finding
) -> None:
    found, told = planned(line, *missing.split())
    assert (names(found), late(found), told) == (stages, joining, finding)
    assert not found.is_busy


def test_a_device_that_has_as_many_calls_as_it_may_does_not_ring_nor_join() -> None:
    found, finding = planned(ALL, full=("desk", "app"))
    assert (names(found), late(found)) == (["lobby", "app-2"], ["app-2"])
    assert finding is Finding.FIXED_FIRST


def test_apps_ring_when_every_fixed_phone_has_as_many_calls_as_it_may() -> None:
    found, finding = planned(ALL, full=("desk", "lobby"))
    assert (names(found), finding) == (["app+app-2"], Finding.APPS_INSTEAD)


@pytest.mark.parametrize("missing", [(), ("app",)])
def test_a_number_is_busy_when_nobody_who_is_there_may_take_a_call(missing: tuple[str]) -> None:
    found, finding = planned(
        shared("desk", "app"), *missing, full=("desk", "app")[: 2 - len(missing)]
    )
    assert (found, finding) == (RingPlan(is_busy=True), Finding.ALL_BUSY)


def test_the_callers_own_device_does_not_ring() -> None:
    found, finding = planned(shared("desk", "app"), caller=DESK)
    assert (names(found), finding) == (["app"], Finding.APPS_ALONE)
    assert planned(shared("desk"), caller=DESK)[1] is Finding.NOBODY_RINGS


DIRECT = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))


def test_a_direct_number_rings_its_device_alone() -> None:
    found, finding = planned(DIRECT)
    assert (names(found), late(found), finding) == (["desk"], [], Finding.DIRECT)
    assert planned(DIRECT, "desk")[1] is Finding.UNREACHABLE
    assert planned(DIRECT, full=("desk",))[1] is Finding.ALL_BUSY


def test_the_switch_of_shared_numbers_does_not_silence_a_direct_number() -> None:
    silent = replace(DIRECT, ringers=(Ringer("desk", rings=False),))
    assert names(planned(silent)[0]) == ["desk"]
