"""Call handling: what an ID has set for the calls to its direct number and its extension.

Forwards by condition, do-not-disturb, call waiting, and callers who are not wanted. For calls to a
representative number no ID forwards, and one that is not to be disturbed just does not ring.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from routing.dial_plan import Feature, FeatureCall
from routing.number import is_emergency

VOICEMAIL = "voicemail"
"""The target that is no number: voicemail of the direct number."""

DEFAULT_NO_ANSWER_DELAY = 20.0
MAX_NO_ANSWER_DELAY = 180.0
"""Seconds: as long as any caller waits."""


class Condition(StrEnum):
    """When a call is forwarded."""

    ALWAYS = "always"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class CallHandling:
    """What one ID has set."""

    forwards: Mapping[Condition, str] = field(default_factory=dict)
    """Where calls go: an extension, a number in its inner form, or `VOICEMAIL`."""
    no_answer_delay: float = DEFAULT_NO_ANSWER_DELAY
    """Seconds of ringing before the forward of unanswered calls."""
    do_not_disturb: bool = False
    call_waiting: bool = True
    """Whether a second call rings; without it the ID is busy during its first."""
    rejected: frozenset[str] = frozenset()
    """Callers that are turned away, in E.164, beside the contract's."""
    rejects_anonymous: bool = False

    @property
    def screens(self) -> bool:
        """Whether it turns some callers away."""
        return bool(self.rejected) or self.rejects_anonymous

    @property
    def keeps_silent(self) -> bool:
        """Whether the device does not ring for its own number, whoever calls."""
        return self.do_not_disturb or Condition.ALWAYS in self.forwards

    def faults(self) -> Iterator[str]:
        """Name what no call could follow."""
        if not 1 <= self.no_answer_delay <= MAX_NO_ANSWER_DELAY:
            yield f"forwards unanswered calls after {self.no_answer_delay:g} s, not 1 to 180"
        for condition, target in self.forwards.items():
            if is_emergency(target):
                yield f"forwards ({condition.value}) to the emergency number {target}"


PLAIN = CallHandling()
"""Of an ID that has set nothing."""


class HandlingChange(msgspec.Struct, frozen=True):
    """What is to be set anew; None, and a condition that is left out, stay as they are."""

    forwards: dict[Condition, str | None] = {}
    """None ends a forward."""
    no_answer_delay: float | None = None
    do_not_disturb: bool | None = None
    call_waiting: bool | None = None
    rejects_anonymous: bool | None = None
    rejected: dict[str, bool] = {}
    """By caller in E.164: on the list, or taken off it."""


def dialled_change(call: FeatureCall) -> HandlingChange | None:
    """Return what a feature code sets; None for a code of something else."""
    match call.feature:
        case Feature.FORWARD:
            return HandlingChange(forwards={Condition.ALWAYS: call.argument})
        case Feature.FORWARD_END:
            return HandlingChange(forwards={Condition.ALWAYS: None})
        case Feature.DO_NOT_DISTURB:
            return HandlingChange(do_not_disturb=True)
        case Feature.DO_NOT_DISTURB_END:
            return HandlingChange(do_not_disturb=False)
        case _:
            return None
