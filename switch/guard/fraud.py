"""What guards against fraud: its settings, who is guarded, and what comes of it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from routing.budget import UNLIMITED, Allowance, Budget, HolderKind, Scope
from routing.number import Number, NumberKind
from switch.effect import CoreEffect


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


class Due(NamedTuple):
    """What comes of the time: effects, and calls to end."""

    effects: list[CoreEffect]
    ended: list[str]


class Usage(NamedTuple):
    """How an account stands, for operators."""

    holder: Holder
    scope: Scope
    calls_at_once: int
    calls_per_hour: float
    calls_per_day: float
    yen_per_day: float
    budget: Budget
