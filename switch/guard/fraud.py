"""What guards against fraud: its settings, who is guarded, and what comes of it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from routing.budget import UNLIMITED, Allowance, Budget, HolderKind, Scope
from routing.number import Number, NumberError, NumberKind, split_presentation
from switch.effect import CoreEffect, WriteCdr


class Holder(NamedTuple):
    """Who has an account: an ID or a contract."""

    kind: HolderKind
    name: str


@dataclass(frozen=True, slots=True)
class FraudSettings:
    """What everybody may call out whose contract says nothing else, and what it costs."""

    device: Allowance = UNLIMITED
    contract: Allowance = UNLIMITED
    rates: Mapping[NumberKind, float] = field(default_factory=dict)
    """Yen a minute; a kind that is not named costs nothing."""
    noteworthy_calls: int = 30
    """Calls of one ID in a day that are told once, on the flat plan for instance (R65)."""
    longest_abroad: float | None = None
    """Seconds after which a call abroad is ended."""
    ends_calls: bool = False
    """Whether an automatic block abroad ends the calls abroad that are in progress."""


class PastCall(NamedTuple):
    """A call out that was made before a restart."""

    device: str
    number: Number
    began_at: float
    seconds: float | None
    """How long it was; None when nobody answered."""


def past_call(cdr: WriteCdr) -> PastCall | None:
    """Read a caller's record as a call out; None for an emergency call."""
    dialled = split_presentation(cdr.called).text
    try:
        number = Number.parse(dialled)
    except NumberError:
        return None
    if cdr.device is None or number.kind is NumberKind.EMERGENCY:
        return None
    seconds = None if cdr.answered_at is None else cdr.ended_at - cdr.answered_at
    return PastCall(cdr.device, number, cdr.started_at, seconds)


class Due(NamedTuple):
    """What comes of the time: effects, and calls to end."""

    effects: list[CoreEffect]
    ended: list[str]


class Usage(NamedTuple):
    """How an account stands, for operators."""

    holder: Holder
    contract: str
    scope: Scope
    calls_at_once: int
    calls_per_hour: float
    calls_per_day: float
    yen_per_day: float
    budget: Budget

    @property
    def is_abroad(self) -> bool:
        """Whether it counts calls abroad."""
        return self.scope is Scope.ABROAD
