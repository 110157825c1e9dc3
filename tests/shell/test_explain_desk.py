"""The desk for calls that are not made: what the switch that runs answers."""

import pytest

from routing.question import Question
from switch.clock import Clock
from switch.control import ControlError
from switch.explain_desk import ExplainDesk
from switch.view import Ask, Explanation
from tests.support.network import Link
from tests.support.office import HEAD_DIALLED, office_world, small_office


async def answered(question: Question | None, *registered: str) -> Explanation:
    world = office_world(small_office("desk", "hana"), *registered, link=Link())
    desk = ExplainDesk(world.switch.core, Clock(0.0))
    told = await desk.answers()["explain"](Ask("explain", question=question))
    assert isinstance(told, Explanation)
    return told


async def test_who_is_registered_is_as_it_stands() -> None:
    question = Question("09012345678", HEAD_DIALLED, at=5.0)
    told = await answered(question, "hana")
    assert (told.assumed, told.question) == (False, question)
    assert told.outcome == "ring hana for 180 s"
    assert (await answered(question)).outcome.startswith("refuse with 480")


async def test_a_question_without_a_time_is_about_now() -> None:
    told = await answered(Question("desk", HEAD_DIALLED), "hana")
    assert told.caller == "desk"
    assert told.question.at is not None


@pytest.mark.parametrize("question", [None, Question("x", "y")])
async def test_what_is_no_question_is_refused_in_one_line(question: Question | None) -> None:
    with pytest.raises(ControlError):
        await answered(question)
