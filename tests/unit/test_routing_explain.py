"""A decision in words."""

import json

import pytest

from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.explain import document, lines, summary
from routing.route import Attempt, Decision, route
from routing.standing import AssumedStanding
from routing.trunk import Trunk

ALICE = Device("alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {})
BOB = Device("bob", "c1", "102", "+81312340002", "Bob", DeviceKind.APP, {})
DIRECTORY = Directory.build(
    plain_customers([ALICE, BOB]), [Trunk("one", "192.0.2.1"), Trunk("two", "192.0.2.2")]
)


def decide(called: str) -> Decision:
    attempt = Attempt(ALICE, called, 1.8e9)
    return route(attempt, DIRECTORY, AssumedStanding())


def test_every_rule_is_a_line_and_the_outcome_the_last() -> None:
    assert lines(decide("102")) == [
        "emergency  called=102 -> no",
        "extension  contract=c1 called=102 -> rings bob",
        "=> ring bob for 180 s",
    ]


@pytest.mark.parametrize(
    ("called", "said"),
    [
        ("0398765432", "call +81398765432 by one, then two, presenting +81312340001"),
        ("1840398765432", "call +81398765432 by one, then two, withheld"),
        ("110", "emergency call 110 by one, then two, presenting +81312340001"),
        ("x", "refuse with 404 Not Found (invalid_number)"),
    ],
)
def test_an_outcome_is_one_phrase(called: str, said: str) -> None:
    assert summary(decide(called).outcome) == said


def test_the_document_is_json() -> None:
    read = json.loads(json.dumps(document(decide("102"))))
    assert read[1] == {
        "rule": "extension",
        "inputs": {"contract": "c1", "called": "102"},
        "outcome": "rings bob",
    }
    assert read[-1] == {"rule": "decision", "inputs": {}, "outcome": "ring bob for 180 s"}


def test_a_decision_without_steps_is_its_outcome() -> None:
    assert lines(Decision(decide("102").outcome, ())) == ["=> ring bob for 180 s"]
