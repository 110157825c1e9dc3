"""A budget: how much an ID or a contract may call out before somebody looks at it (R65, R66).

Calls abroad and to information services have a budget of their own, because fraud is paid there:
when it is spent, only those calls stop. Emergency calls have none.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from routing.number import NumberKind

ABROAD_KINDS = frozenset(
    {NumberKind.INTERNATIONAL, NumberKind.CARRIER_SELECTION, NumberKind.SERVICE}
)
"""Where fraud is paid; a carrier prefix (00XY) is a way abroad, 0180 and 0990 pay their owner."""


class Scope(Enum):
    """Which calls a budget counts."""

    DOMESTIC = "domestic"
    ABROAD = "abroad"

    @classmethod
    def of(cls, kind: NumberKind) -> "Scope":
        """Tell which budget a call to a number of this kind is taken from."""
        return cls.ABROAD if kind in ABROAD_KINDS else cls.DOMESTIC


class Reach(StrEnum):
    """Which calls a block stops."""

    ABROAD = "abroad"
    ALL = "all"
    """Every call out but emergencies."""


class HolderKind(StrEnum):
    """Who has a budget and can be blocked."""

    DEVICE = "device"
    """One ID, by its user name."""
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be called out in sliding windows; None sets no limit."""

    calls_per_hour: int | None = None
    calls_per_day: int | None = None
    calls_at_once: int | None = None
    """Over it calls are refused until one ends; nobody is blocked for it."""
    yen_per_day: int | None = None
    """By the rates of the configuration: an estimate that guards, not a bill."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The budgets of one ID or contract; None leaves that one to the configuration."""

    domestic: Budget | None = None
    abroad: Budget | None = None

    def budget(self, scope: Scope) -> Budget | None:
        """Return what it says of these calls."""
        return self.abroad if scope is Scope.ABROAD else self.domestic


UNLIMITED = Allowance(Budget(), Budget())
