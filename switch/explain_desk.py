"""The operators' desk for calls that are not made: what would become of one, as things stand."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from routing.device import Device
from routing.directory import Directory
from routing.explain import document, summary
from routing.question import Question, QuestionError, attempt_of, decide
from routing.standing import Standing
from switch.clock import Clock
from switch.control import Answer, ControlError
from switch.view import Ask, Explanation


class Switch(Protocol):
    """What decides about calls."""

    directory: Directory

    def standing(self, now: float) -> Standing:
        """Show how things stand."""


class ExplainDesk(NamedTuple):
    """Answers questions about calls from the switch that runs."""

    switch: Switch
    clock: Clock

    def answers(self) -> Mapping[str, Answer]:
        """Name the commands of the operator socket."""
        return {"explain": self._explain}

    async def _explain(self, ask: Ask) -> Explanation:
        if ask.question is None:
            raise ControlError("no question about a call")
        standing = self.switch.standing(self.clock.now())
        return explanation(ask.question, self.switch.directory, standing, self.clock.unix())


def explanation(
    question: Question,
    directory: Directory,
    standing: Standing,
    now: float,
    *,
    assumed: bool = False,
) -> Explanation:
    """Answer a question; raise `ControlError` when it names what is not there."""
    asked = question if question.at is not None else replace(question, at=now)
    try:
        origin = attempt_of(asked, directory, now).origin
        decision = decide(asked, directory, standing, now)
    except QuestionError as error:
        raise ControlError(str(error)) from None
    return Explanation(
        assumed,
        asked,
        origin.username if isinstance(origin, Device) else origin.name,
        summary(decision.outcome),
        document(decision),
    )
