"""Call handling: what an ID may set, and what a phone's code changes of it."""

import pytest

from routing.dial_plan import DEFAULT_PLAN
from routing.handling import PLAIN, CallHandling, Condition, HandlingChange, dialled_change

ALWAYS = Condition.ALWAYS


def test_an_id_that_has_set_nothing_is_rung_for_everybody() -> None:
    assert not PLAIN.screens
    assert not PLAIN.keeps_silent
    assert list(PLAIN.faults()) == []


def test_who_forwards_every_call_or_is_not_to_be_disturbed_does_not_ring() -> None:
    assert CallHandling({ALWAYS: "201"}).keeps_silent
    assert CallHandling(do_not_disturb=True).keeps_silent
    assert not CallHandling({Condition.BUSY: "201"}).keeps_silent


def test_a_list_or_anonymous_rejection_screens_callers() -> None:
    assert CallHandling(rejected=frozenset({"+81312345678"})).screens
    assert CallHandling(rejects_anonymous=True).screens


@pytest.mark.parametrize("delay", [0.0, 0.5, 181.0])
def test_a_forward_waits_1_to_180_seconds(delay: float) -> None:
    [fault] = CallHandling(no_answer_delay=delay).faults()
    assert "not 1 to 180" in fault


@pytest.mark.parametrize("target", ["110", "184119"])
def test_no_forward_leads_to_an_emergency_number(target: str) -> None:
    [fault] = CallHandling({Condition.NO_ANSWER: target}).faults()
    assert fault == f"forwards (no_answer) to the emergency number {target}"


@pytest.mark.parametrize(
    ("dialled", "change"),
    [
        ("*720312345678", HandlingChange(forwards={ALWAYS: "0312345678"})),
        ("*72202", HandlingChange(forwards={ALWAYS: "202"})),
        ("*73", HandlingChange(forwards={ALWAYS: None})),
        ("*78", HandlingChange(do_not_disturb=True)),
        ("*79", HandlingChange(do_not_disturb=False)),
        ("*43", None),
    ],
)
def test_a_code_of_the_phone_changes_one_setting(
    dialled: str, change: HandlingChange | None
) -> None:
    call = DEFAULT_PLAN.feature(dialled)
    assert call is not None
    assert dialled_change(call) == change
