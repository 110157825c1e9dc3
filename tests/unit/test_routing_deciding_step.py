"""Which step of a decision decided."""

from dataclasses import replace

import pytest

from routing.deciding_step import deciding
from routing.decision import Attempt, Decision
from routing.explain import Told, document
from routing.handling import CallHandling, Condition
from routing.limit import LimitKey, LimitKind
from routing.line import FaxMode, WhenFull
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from tests.support.routed import (
    DESK,
    LOBBY,
    MAIN,
    OFFICE,
    SHARED,
    decide,
    directory,
    inside,
    outside,
    with_line,
)

NOBODY = AssumedStanding(unregistered={"desk", "lobby", "app"})
FULL = AssumedStanding(in_progress={LimitKey(LimitKind.NUMBER, SHARED): 3})


def decided(decision: Decision) -> tuple[str, str]:
    steps = document(decision)
    position = deciding(steps)
    assert position is not None
    return steps[position].rule, steps[position].outcome


@pytest.mark.parametrize(
    ("attempt", "standing", "line", "step"),
    [
        (outside(), None, {}, (Rule.RING_PLAN, Finding.FIXED_FIRST)),
        (outside(), None, {"voicemail_delay": 20}, (Rule.RING_PLAN, Finding.FIXED_FIRST)),
        (inside("203"), None, {}, (Rule.EXTENSION, Finding.RINGS)),
        (inside("0398761234"), None, {}, (Rule.TRUNKS, Finding.CHOSEN)),
        (inside("1840398761234"), None, {}, (Rule.TRUNKS, Finding.CHOSEN)),
        (inside("110"), None, {}, (Rule.EMERGENCY, Finding.YES)),
        (outside(), None, {"fax": FaxMode.ONLY}, (Rule.FAX, Finding.ONLY)),
        (outside(), None, {"fax": FaxMode.SHARED}, (Rule.FAX, Finding.SHARED)),
        (outside(), NOBODY, {"voicemail_delay": 20}, (Rule.VOICEMAIL, Finding.AT_ONCE)),
        (outside(), FULL, {"when_full": WhenFull.ANNOUNCEMENT}, (Rule.WHEN_FULL, "announced")),
        (outside(), FULL, {}, (Rule.CHANNELS, Finding.FULL)),
        (outside(), NOBODY, {}, (Rule.RING_PLAN, Finding.UNREACHABLE)),
        (inside("*0"), None, {}, (Rule.FEATURE, Finding.YES)),
        (outside("0399999999"), None, {}, (Rule.LINE, Finding.UNKNOWN)),
        (inside("01012025550123"), None, {}, (Rule.BARRING, Finding.BARRED)),
    ],
)
def test_the_deciding_step_is_the_one_that_made_the_outcome(
    attempt: Attempt,
    standing: AssumedStanding | None,
    line: dict[str, object],
    step: tuple[str, str],
) -> None:
    known = with_line(replace(MAIN, **line))  # type: ignore[arg-type]
    assert decided(decide(attempt, known, standing)) == step


def test_after_a_forward_it_is_what_decided_about_the_target() -> None:
    handling = CallHandling(forwards={Condition.ALWAYS: "203"})
    office = replace(OFFICE, devices=(replace(DESK, handling=handling), *OFFICE.devices[1:]))
    steps = document(decide(inside("201", LOBBY), directory(office)))
    assert [each.rule for each in steps].count(Rule.EXTENSION) == 2
    position = deciding(steps)
    assert position is not None
    assert steps[position].inputs["device"] == "app"


def test_of_a_document_of_another_version_the_last_step_is_taken() -> None:
    steps = [Told("old", {}, "x"), Told("older", {}, "y"), Told("decision", {}, "gone")]
    assert deciding(steps) == 1
    assert deciding(steps[:1]) == 0


def test_a_document_without_steps_has_none() -> None:
    assert deciding([]) is None
    assert deciding([Told("decision", {}, "ring")]) is None
