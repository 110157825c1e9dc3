"""Questions about calls that are not made: who calls, by which trunk, and what is supposed."""

from dataclasses import replace

import pytest

from routing.decision import Out, RefusalCause, Refuse, Ring, Serve, Service
from routing.directory import Directory
from routing.limit import LimitKey, LimitKind
from routing.question import Question, QuestionError, attempt_of, decide, supposed
from routing.standing import AssumedStanding
from tests.support.routed import APP, DESK, MAIN, NOW, OFFICE, ONE, SHARED, TWO, directory

NATIONAL = "03-9876-5000"
OUTSIDE = "09011112222"


def asked(caller: str, called: str = NATIONAL, **more: object) -> Question:
    return Question(caller, called, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("caller", ["desk", "0312340001", "03-1234-0001", "+81312340001"])
def test_an_id_calls_by_its_name_or_its_number_in_any_form(caller: str) -> None:
    attempt = attempt_of(asked(caller, "203"), directory(), NOW)
    assert (attempt.origin, attempt.called, attempt.at) == (DESK, "203", NOW)


def test_whoever_is_outside_comes_by_the_first_trunk_that_carries_the_number() -> None:
    attempt = attempt_of(asked(OUTSIDE, at=5.0), directory(), NOW)
    assert (attempt.origin, attempt.presented, attempt.at) == (ONE, "+819011112222", 5.0)
    narrow = directory().with_trunks([replace(ONE, numbers=frozenset({"+81312340009"})), TWO])
    assert attempt_of(asked(OUTSIDE), narrow, NOW).origin == TWO
    assert attempt_of(asked(OUTSIDE, "what"), narrow, NOW).origin == narrow.trunks[0]


def test_a_source_is_a_trunk_or_an_address_of_one() -> None:
    known = directory().with_trunks([ONE, replace(TWO, addresses=("192.0.2.2",))])
    for source in ("two", "192.0.2.2"):
        assert attempt_of(asked(OUTSIDE, source=source), known, NOW).origin == known.trunk("two")


def test_an_anonymous_caller_is_withheld() -> None:
    attempt = attempt_of(asked("anonymous"), directory(), NOW)
    assert (attempt.presented, attempt.withhold) == (None, True)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (asked("desk", ""), "nothing is called; name a number, an extension or a feature code"),
        (asked("x"), "x is no caller; write an ID's user name"),
        (asked(""), "nothing is no caller"),
        (asked(NATIONAL), "from which no one ID calls; name an ID: desk, lobby, app"),
        (asked("desk", source="one"), "desk is an ID of this switch, which calls by no trunk"),
        (asked(OUTSIDE, source="no"), "no is neither a trunk nor an address of one; trunks: one, "),
        (asked("desk", unregistered=("x",)), "x is no ID's user name"),
        (asked("desk", busy={"x": 1}), "x is no number or ID of this switch"),
        (asked("desk", busy={OUTSIDE: 1}), "is no number or ID of this switch"),
        (asked("desk", busy={"0312340001": 1}), "has no channels; suppose its ID busy: desk"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(question: Question, said: str) -> None:
    with pytest.raises(QuestionError) as caught:
        decide(question, directory(), AssumedStanding(), NOW)
    assert said in str(caught.value)


def test_without_any_trunk_nobody_is_outside() -> None:
    with pytest.raises(QuestionError, match=r"no trunk to call by; configure a \[\[trunk\]\]"):
        attempt_of(asked(OUTSIDE), Directory.build([OFFICE]), NOW)
    with pytest.raises(QuestionError, match="trunks: none"):
        attempt_of(asked(OUTSIDE, source="one"), Directory.build([OFFICE]), NOW)


def test_a_long_list_of_ids_is_cut() -> None:
    devices = [
        replace(APP, username=f"u{n}", extension=str(300 + n), number=f"+8131234{n:04}")
        for n in range(12)
    ]
    ringers = tuple(replace(MAIN.ringers[0], username=each.username) for each in devices)
    office = replace(OFFICE, devices=tuple(devices), lines=(replace(MAIN, ringers=ringers),))
    with pytest.raises(QuestionError, match=r"u9, …$"):
        attempt_of(asked(NATIONAL), Directory.build([office], [ONE]), NOW)


def test_suppositions_change_the_decision_and_nothing_else() -> None:
    known, idle = directory(), AssumedStanding()

    def outcome(question: Question, standing: AssumedStanding = idle) -> object:
        return decide(question, known, standing, NOW).outcome

    plain = outcome(asked(OUTSIDE))
    assert isinstance(plain, Ring)
    away = outcome(asked(OUTSIDE, unregistered=("desk", "lobby")))
    assert isinstance(away, Ring)
    assert away.stages == ((APP,),)
    full = outcome(asked(OUTSIDE, busy={NATIONAL: 3}))
    assert isinstance(full, Refuse)
    assert full.cause is RefusalCause.CHANNELS_FULL
    held = AssumedStanding(in_progress={LimitKey(LimitKind.NUMBER, SHARED): 3})
    assert isinstance(outcome(asked(OUTSIDE, busy={NATIONAL: 0}), held), Ring)
    blocked = AssumedStanding(blocks={"desk": "spent"}, unhealthy={"one"})
    assert isinstance(outcome(asked("desk", OUTSIDE, busy={"app": 1}), blocked), Refuse)
    out = outcome(asked("desk", OUTSIDE, busy={"app": 1}), AssumedStanding(unhealthy={"one"}))
    assert isinstance(out, Out)
    assert [trunk.name for trunk in out.trunks] == ["two"]


def test_what_is_not_supposed_is_as_it_stands() -> None:
    closed = AssumedStanding(closed={SHARED}, unregistered={"lobby"})
    over = supposed(asked("desk", busy={"app": 1}), directory(), closed)
    assert not over.is_open(SHARED, NOW)
    assert (over.is_registered("lobby"), over.is_registered("desk")) == (False, True)
    assert over.held(LimitKey(LimitKind.DEVICE, "app")) == 1
    assert over.held(LimitKey(LimitKind.DEVICE, "desk")) == 0
    assert supposed(asked("desk"), directory(), closed) is closed
    line = replace(MAIN, after_hours=True)
    known = Directory.build([replace(OFFICE, lines=(line,))], [ONE])
    outcome = decide(asked(OUTSIDE, busy={"app": 1}), known, closed, NOW).outcome
    assert isinstance(outcome, Serve)
    assert outcome.service is Service.AFTER_HOURS
