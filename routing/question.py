"""A question about a call that is not made: who calls whom, when, and what is supposed beside.

The switch that runs and the command line without one resolve it alike: the caller to a device or a
trunk, suppositions to a standing over the one that there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from routing.decision import Attempt, Decision
from routing.device import Device
from routing.directory import Directory
from routing.limit import LimitKey, LimitKind
from routing.number import Number, NumberError
from routing.route import route
from routing.standing import Standing
from routing.trunk import Trunk

ANONYMOUS = "anonymous"
"""The caller from outside who is not shown."""

MAX_NAMED = 10
"""Names that a refusal lists; a contract may have thousands of IDs."""


class QuestionError(ValueError):
    """The question names what is not there; the text is one line."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an operator wants to know."""

    caller: str
    """An ID's user name, its direct number in any form, a number outside, or `anonymous`."""
    called: str
    """As it is dialled, or as the carrier names it."""
    at: float | None = None
    """When, in Unix seconds; None for now."""
    source: str = ""
    """The trunk of a call from outside, by its name or an address of it."""
    unregistered: tuple[str, ...] = ()
    """IDs that are supposed to be unreachable."""
    busy: dict[str, int] = {}
    """Calls supposed to be in progress, by representative number or user name."""


def decide(question: Question, directory: Directory, standing: Standing, now: float) -> Decision:
    """Decide about the call as if it were made; raise `QuestionError`."""
    attempt = attempt_of(question, directory, now)
    return route(attempt, directory, supposed(question, directory, standing))


def attempt_of(question: Question, directory: Directory, now: float) -> Attempt:
    """Find who would call, and by which trunk; raise `QuestionError`."""
    at = now if question.at is None else question.at
    if not question.called:
        raise QuestionError("nothing is called; name a number, an extension or a feature code")
    device = _device(question.caller, directory)
    if device is None:
        origin = _trunk(question, directory)
        number = None if question.caller == ANONYMOUS else _outside(question.caller)
        return Attempt(origin, question.called, at, presented=number, withhold=number is None)
    if question.source:
        wrong = f"{device.username} is an ID of this switch, which calls by no trunk"
        raise QuestionError(f"{wrong}; leave the source out, or name a caller outside")
    return Attempt(device, question.called, at)


def supposed(question: Question, directory: Directory, standing: Standing) -> Standing:
    """Put what is supposed over how things stand; raise `QuestionError` for whom nobody knows."""
    if not question.unregistered and not question.busy:
        return standing
    for username in question.unregistered:
        if directory.device(username) is None:
            raise QuestionError(f"{username} is no ID's user name, so that it can't be away")
    held = {_limit_key(name, directory): count for name, count in question.busy.items()}
    return SupposedStanding(standing, frozenset(question.unregistered), held)


@dataclass(frozen=True, slots=True)
class SupposedStanding:
    """A standing with some IDs away and some channels taken."""

    base: Standing
    unregistered: frozenset[str]
    busy: Mapping[LimitKey, int]

    def is_registered(self, username: str) -> bool:
        """Tell whether a device has a binding and is not supposed to be away."""
        return username not in self.unregistered and self.base.is_registered(username)

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel, or as many as are supposed."""
        return self.busy[key] if key in self.busy else self.base.held(key)

    def is_healthy(self, trunk: str) -> bool:
        """Tell whether a trunk takes calls now."""
        return self.base.is_healthy(trunk)

    def is_open(self, line: str, at: float) -> bool:
        """Tell whether a number's business hours hold at a Unix time (R44)."""
        return self.base.is_open(line, at)

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:
        """Return why an ID may not call out now, or None."""
        return self.base.block(contract, username, abroad=abroad)


def _device(caller: str, directory: Directory) -> Device | None:
    """Find the ID that calls, by user name or direct number; None for a caller from outside."""
    device = directory.device(caller)
    if device is not None or caller == ANONYMOUS:
        return device
    number = _outside(caller)
    line = directory.line(number)
    if line is None:
        return None
    if line.is_representative:
        names = [ringer.username for ringer in line.ringers]
        shown = ", ".join(names[:MAX_NAMED]) + (", …" if len(names) > MAX_NAMED else "")
        wrong = f"{caller} is a representative number, from which no one ID calls"
        raise QuestionError(f"{wrong}; name an ID: {shown}")
    return directory.device(line.ringers[0].username)


def _outside(caller: str) -> str:
    try:
        return Number.parse(caller).text
    except NumberError:
        right = "an ID's user name, a number such as 0312345678 or +12025550123, or anonymous"
        raise QuestionError(f"{caller or 'nothing'} is no caller; write {right}") from None


def _trunk(question: Question, directory: Directory) -> Trunk:
    """Find by which trunk a call from outside comes: as told, else one that carries the number."""
    if question.source:
        told = directory.trunk(question.source) or directory.trunk_for_address(question.source)
        if told is None:
            known = ", ".join(trunk.name for trunk in directory.trunks) or "none"
            wrong = f"{question.source} is neither a trunk nor an address of one"
            raise QuestionError(f"{wrong}; trunks: {known}")
        return told
    if not directory.trunks:
        raise QuestionError(
            f"{question.caller} is outside, and there is no trunk to call by; "
            "configure a [[trunk]], or ask for a call from an ID by its user name"
        )
    return carrying(directory, question.called) or directory.trunks[0]


def carrying(directory: Directory, called: str) -> Trunk | None:
    """Find the first trunk that brings calls to a number."""
    try:
        number = Number.parse(called).text
    except NumberError:
        return None
    return next((trunk for trunk in directory.trunks if trunk.carries(number)), None)


def _limit_key(name: str, directory: Directory) -> LimitKey:
    """Find what has the channels that are supposed to be taken."""
    if directory.device(name) is not None:
        return LimitKey(LimitKind.DEVICE, name)
    try:
        line = directory.line(Number.parse(name).text)
    except NumberError:
        line = None
    if line is None:
        raise QuestionError(f"{name} is no number or ID of this switch, so that it can't be busy")
    if not line.is_representative:
        username = line.ringers[0].username
        wrong = f"{name} is a direct number, which has no channels"
        raise QuestionError(f"{wrong}; suppose its ID busy: {username}")
    return LimitKey(LimitKind.NUMBER, line.number)
