"""A decision in words."""

import json
from dataclasses import replace

import pytest

from routing.decision import Attempt, Decision
from routing.explain import document, lines, summary
from routing.line import FaxMode
from routing.standing import AssumedStanding
from tests.support.routed import MAIN, SHARED, decide, inside, outside, with_line


def test_every_rule_is_a_line_and_the_outcome_the_last() -> None:
    assert lines(decide(inside("203"))) == [
        "emergency  called=203 -> no",
        "contract   contract=c1 -> active",
        "extension  contract=c1 called=203 device=app -> rings",
        "=> ring app for 180 s",
    ]


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (inside("0398761234"), "call +81398761234 by one, then two, presenting +81312340001"),
        (inside("1840398761234"), "call +81398761234 by one, then two, withheld"),
        (inside("110"), "emergency call 110 by one, then two, presenting +81312340001"),
        (inside("x"), "refuse with 404 Not Found (unknown_number)"),
        (outside(), "ring desk, lobby, then app for 180 s"),
    ],
)
def test_an_outcome_is_one_phrase(attempt: Attempt, said: str) -> None:
    assert summary(decide(attempt).outcome) == said


def test_what_follows_is_told_with_what_it_follows() -> None:
    known = with_line(replace(MAIN, fax=FaxMode.SHARED, voicemail_delay=20))
    assert summary(decide(outside(), known).outcome) == (
        f"fax_detection answers for {SHARED}, or else "
        "ring desk, lobby, then app for 20 s, then voicemail"
    )
    nobody = AssumedStanding(unregistered={"desk", "lobby", "app"})
    alone = with_line(replace(MAIN, voicemail_delay=20))
    assert summary(decide(outside(), alone, nobody).outcome) == f"voicemail answers for {SHARED}"


def test_the_document_is_json() -> None:
    read = json.loads(json.dumps(document(decide(inside("203")))))
    assert read[2] == {
        "rule": "extension",
        "inputs": {"contract": "c1", "called": "203", "device": "app"},
        "outcome": "rings",
    }
    assert read[-1] == {"rule": "decision", "inputs": {}, "outcome": "ring app for 180 s"}


def test_a_decision_without_steps_is_its_outcome() -> None:
    assert lines(Decision(decide(inside("203")).outcome, ())) == ["=> ring app for 180 s"]
