"""A decision in words."""

import json
from dataclasses import replace

import msgspec
import pytest

from routing.decision import Attempt, Decision
from routing.explain import Told, document, lines, story, summary
from routing.line import FaxMode
from routing.number import Number
from routing.standing import AssumedStanding
from routing.wording import Language
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
        (inside("*3"), "use park_slot 3"),
        (inside("**"), "use group_pickup"),
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


def test_the_document_is_json_that_ends_with_what_becomes_of_the_call() -> None:
    read = json.loads(msgspec.json.encode(document(decide(inside("203")))))
    assert read[2] == {
        "rule": "extension",
        "inputs": {"contract": "c1", "called": "203", "device": "app"},
        "outcome": "rings",
    }
    assert read[-1] == {
        "rule": "decision",
        "inputs": {"devices": "app", "seconds": "180"},
        "outcome": "ring",
    }


def told(attempt: Attempt, language: Language, **line: object) -> list[str]:
    """Tell the end of a story."""
    directory = with_line(replace(MAIN, **line))  # type: ignore[arg-type]
    return story(document(decide(attempt, directory)), language)


def test_a_story_is_told_in_either_language_with_numbers_as_they_are_dialled() -> None:
    english = told(inside("0398761234"), Language.ENGLISH)
    assert english[0] == "0398761234 is no emergency number."
    assert english[-1] == "So 0398761234 is called by one, two, presenting 0312340001."
    japanese = told(inside("0398761234"), Language.JAPANESE)
    assert japanese[0] == "0398761234 は緊急通報番号ではありません。"
    assert len(japanese) == len(english)


@pytest.mark.parametrize(
    ("called", "last"),
    [
        ("1840398761234", "So 0398761234 is called by one, two, the caller withheld."),
        ("110", "So 110 is called at once by one, two, presenting 0312340001."),
        ("*3", "So the feature park_slot 3 is used."),
        ("x", "So the call is refused with 404 Not Found: there is no such number."),
    ],
)
def test_a_story_ends_with_what_becomes_of_the_call(called: str, last: str) -> None:
    assert told(inside(called), Language.ENGLISH)[-1] == last


def test_what_may_follow_is_told_step_by_step() -> None:
    ends = told(outside(), Language.ENGLISH, fax=FaxMode.SHARED, voicemail_delay=20)[-3:]
    assert ends == [
        f"So the FAX detector answers for {Number.parse(SHARED).national}.",
        "So it rings, for up to 20 seconds: desk, lobby → app.",
        "When nobody has answered, voicemail does.",
    ]


def test_a_fax_number_is_answered_and_nothing_follows() -> None:
    last = told(outside(), Language.JAPANESE, fax=FaxMode.ONLY)[-1]
    assert last.endswith("にはクラウドFAXが応答します。")


@pytest.mark.parametrize(
    "step",
    [
        Told("rule_of_old", {"a": "b"}, "found"),
        Told("emergency", {"a": "b"}, "yes"),
        Told("emergency", {"called": "b"}, "found"),
        Told("decision", {"cause": "gone"}, "refuse"),
    ],
)
def test_a_step_that_another_version_has_kept_is_told_by_its_codes(step: Told) -> None:
    (sentence,) = story([step], Language.ENGLISH)
    assert sentence.startswith(f"{step.rule}: ")


def test_what_begins_like_a_number_and_is_none_is_told_as_it_is() -> None:
    (sentence,) = story([Told("emergency", {"called": "+x"}, "no")], Language.ENGLISH)
    assert sentence == "+x is no emergency number."


def test_a_decision_without_steps_is_its_outcome() -> None:
    assert lines(Decision(decide(inside("203")).outcome, ())) == ["=> ring app for 180 s"]
