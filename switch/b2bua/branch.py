"""Branches: the B legs that are or were tried for a call, each with its record."""

from collections.abc import Iterator
from dataclasses import dataclass

from routing.device import Device
from routing.trunk import Trunk
from switch.b2bua.cdr import LegRecord
from switch.b2bua.fork import DECLINED
from switch.b2bua.leg import Leg
from switch.b2bua.originating_leg import OriginatingLeg
from switch.sip.flow import Flow

MAX_BRANCHES = 64
"""B legs of one call; a device that registers again and again must not make more."""


@dataclass(slots=True)
class Party:
    """A leg that belongs to a call without having been tried for it, and its record."""

    leg: Leg
    record: LegRecord
    is_trunk: bool
    home: str
    """The call that its record is written under: a leg may come from another one."""
    is_over: bool = False
    target: Device | Trunk | None = None
    trace: str = ""
    """The decision that the leg's own call began with."""


@dataclass(slots=True)
class Branch:
    """One B leg of a call, and its record."""

    index: int
    leg: OriginatingLeg
    record: LegRecord
    is_trunk: bool
    is_over: bool = False
    target: Device | Trunk | None = None
    """Whom it calls."""
    home: str = ""
    trace: str = ""

    def is_at(self, flow: Flow, uri: str) -> bool:
        """Tell whether it calls a device there."""
        return (self.leg.flow, self.leg.invitation.uri) == (flow, uri)


Member = Party | Branch
"""Every leg of a call, with what is kept of it."""


class Branches:
    """The branches of one call, in the order in which they were tried."""

    def __init__(self) -> None:
        self._all: list[Branch] = []
        self._since = 0
        self._named = 0

    def __iter__(self) -> Iterator[Branch]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, position: int) -> Branch:
        return self._all[position]

    def append(self, branch: Branch) -> None:
        """Take in one that is tried now."""
        self._all.append(branch)

    def remove(self, branch: Branch) -> None:
        """Let one go, whose leg goes to another call."""
        self._since -= self._all.index(branch) < self._since
        self._all.remove(branch)

    def begin(self) -> None:
        """Begin another hunt: the indices of those that were tried before mean others."""
        self._since = len(self._all)

    def next_name(self) -> str:
        """Name the leg of one more; no name comes twice, though a leg may go to another call."""
        self._named += 1
        return f"b{self._named}"

    @property
    def is_full(self) -> bool:
        """Whether there may be no more of them."""
        return len(self) >= MAX_BRANCHES

    def open(self) -> list[Branch]:
        """Return those that may still answer, or talk."""
        return [branch for branch in self if not branch.is_over]

    def silent(self) -> Iterator[Branch]:
        """Yield those that have not answered at all."""
        return (branch for branch in self.open() if not branch.leg.is_heard)

    def open_at(self, index: int) -> list[Branch]:
        """Return those that try a target now."""
        tried = self._all[self._since :]
        return [each for each in tried if not each.is_over and each.index == index]

    def has_declined(self, index: int) -> bool:
        """Tell whether somebody at a target has said no."""
        tried = self._all[self._since :]
        return any(each.index == index and each.record.status in DECLINED for each in tried)

    def of(self, leg: Leg) -> Branch:
        """Find the branch of a leg."""
        return next(branch for branch in self if branch.leg is leg)
