"""A call's plan: whom it may try and in which order, as its decision said when it began."""

from collections.abc import Iterator

from routing.decision import Caller, Out, Ring, Service
from routing.device import Device
from routing.trunk import Trunk
from switch.value import Value


class Plan(Value, frozen=True):
    """Whom a call tries, and what they are told of the caller; indices name targets."""

    outcome: Ring | Out
    targets: tuple[Device | Trunk, ...]
    groups: tuple[tuple[int, ...], ...]
    from_trunk: bool

    @classmethod
    def of(cls, outcome: Ring | Out, *, from_trunk: bool) -> "Plan":
        """Order the targets: devices stage by stage and then those that may join, or trunks."""
        if isinstance(outcome, Out):
            one_by_one = tuple((index,) for index in range(len(outcome.trunks)))
            return cls(outcome, outcome.trunks, one_by_one, from_trunk)
        devices = {each.username: each for each in (*outcome.devices, *outcome.late)}
        indices = {username: index for index, username in enumerate(devices)}
        stages = (tuple(indices[each.username] for each in stage) for stage in outcome.stages)
        return cls(outcome, tuple(devices.values()), tuple(stages), from_trunk)

    @property
    def caller(self) -> Caller:
        """Who calls."""
        return self.outcome.caller

    @property
    def rings(self) -> Ring | None:
        """The decision to ring devices; None when carriers are tried."""
        return self.outcome if isinstance(self.outcome, Ring) else None

    @property
    def then(self) -> Service | None:
        """Who answers when nobody has."""
        return self.outcome.then if isinstance(self.outcome, Ring) else None

    @property
    def is_urgent(self) -> bool:
        """Whether it is a call to an emergency number."""
        return isinstance(self.outcome, Out) and self.outcome.emergency

    def devices(self) -> Iterator[tuple[int, Device]]:
        """Yield every device that may be rung, with its index."""
        for index, target in enumerate(self.targets):
            if isinstance(target, Device):
                yield index, target

    def __repr__(self) -> str:
        return f"<Plan {len(self.targets)} targets in {len(self.groups)} groups>"
