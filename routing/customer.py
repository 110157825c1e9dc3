"""A customer: a contract's devices, numbers and rules, as one piece of the directory."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from routing.budget import Allowance
from routing.device import Device
from routing.line import Line, LineKind, Ringer


@dataclass(frozen=True, slots=True)
class Customer:
    """A contract, as calls see it; the directory takes and replaces it whole."""

    contract: str
    devices: tuple[Device, ...] = ()
    lines: tuple[Line, ...] = ()
    """Its numbers; a direct number without options may be left out."""
    max_calls: int | None = None
    """Calls at once over all its devices and numbers; None sets no limit of its own."""
    rejected: frozenset[str] = frozenset()
    """Callers that are turned away, in E.164."""
    rejects_anonymous: bool = False
    budget: Allowance | None = None
    """What all its IDs together may call out; None leaves it to the configuration."""
    is_suspended: bool = False
    """Whether only emergency calls go out and no call comes in."""

    @property
    def channels(self) -> int:
        """How many calls each of its representative numbers has at once: its IDs (R14)."""
        return len(self.devices)

    def all_lines(self) -> tuple[Line, ...]:
        """Return its numbers, with the direct numbers that were left out."""
        told = {line.number for line in self.lines}
        left_out = (device for device in self.devices if device.number not in told)
        return self.lines + tuple(
            Line(each.number, self.contract, LineKind.DIRECT, (Ringer(each.username),))
            for each in left_out
        )


def plain_customers(devices: Iterable[Device]) -> tuple[Customer, ...]:
    """Make a customer of each contract's devices, with their direct numbers alone."""
    ordered = sorted(devices, key=_contract)
    return tuple(Customer(name, tuple(group)) for name, group in groupby(ordered, key=_contract))


def _contract(device: Device) -> str:
    return device.contract
