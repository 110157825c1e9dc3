"""What came of a call after its decision, in words."""

import pytest
from msgspec.structs import replace

from routing.wording import Language
from switch.aftermath import afterwards
from switch.b2bua.facts import CallFacts
from switch.effect import Level, WriteCdr
from switch.view import CallStory, StoryLine

CALLER = WriteCdr(
    "one", "a", "in", "shop", "101", None, "+815012340101", "102",
    100.0, 101.0, 102.0, 160.0, 200, "normal", "caller", "x@h", "[]", "[]",
)  # fmt: skip
RANG = replace(CALLER, leg="b1", device="102", answered_at=None, status=487)
TOOK = replace(CALLER, leg="b2", device=None, trunk="carrier")
FAILED = replace(CALLER, leg="b3", device=None, ringing_at=None, answered_at=None, status=503)
FACTS = CallFacts("one", "connected", "x", "y", 100.0, 102.0, ("x@h",))


def told(*records: WriteCdr, language: Language = Language.ENGLISH) -> list[str]:
    return afterwards(CallStory("one", None, [], list(records), []), language)


def test_an_answered_call_tells_who_rang_who_answered_and_for_how_long() -> None:
    assert told(TOOK, CALLER, FAILED, RANG) == [
        "Called: 102 (rang), carrier (answered), b3 (503).",
        "Answered after 2.0 s; ended by the caller after 0:00:58: normal.",
    ]


def test_a_refused_call_tells_its_status_and_cause() -> None:
    refused = replace(
        CALLER, answered_at=None, ended_at=100.5, status=486, cause="busy", released_by="switch"
    )
    assert told(refused) == [
        "Nobody was called.",
        "Not answered; ended by the switch after 0.5 s with 486: busy.",
    ]


def test_it_is_told_in_japanese_too() -> None:
    assert told(CALLER, RANG, language=Language.JAPANESE) == [
        "呼び出した相手: 102(鳴動)。",
        "2.0 秒後に応答し、0:00:58 の通話の後、発信側が終了しました: normal。",
    ]


def test_a_call_without_records_says_so() -> None:
    assert told() == ["Its records are not written yet."]


@pytest.mark.parametrize("language", Language)
def test_a_call_in_progress_tells_whom_it_has_tried(language: Language) -> None:
    events = (
        ("leg_invited", "b1", {"device": "101"}),
        ("call_ringing", "b1", {"device": "101"}),
        ("leg_invited", "b2", {"device": "102"}),
        ("leg_failed", "b2", {"device": "102", "status": 486}),
        ("leg_invited", "b3", {"trunk": "carrier"}),
        ("leg_invited", "b4", {"device": "104"}),
        ("call_answered", "b4", {"device": "104"}),
        ("media_latched", "b4", {}),
    )
    lines = [
        StoryLine(1.0, Level.INFO, event, {"leg": leg, **fields}) for event, leg, fields in events
    ]
    called, state = afterwards(CallStory("one", FACTS, lines, [], []), language)
    assert "connected" in state
    if language is Language.ENGLISH:
        assert called == "Called: 101 (rang), 102 (486), carrier (…), 104 (answered)."
