"""A customer: a contract's devices, numbers and rules, as one piece of the directory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    _extensions: Mapping[str, Device] = field(init=False, repr=False, compare=False)
    _all_lines: tuple[Line, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        told = {line.number for line in self.lines}
        left_out = (device for device in self.devices if device.number not in told)
        lines = self.lines + tuple(
            Line(each.number, self.contract, LineKind.DIRECT, (Ringer(each.username),))
            for each in left_out
        )
        extensions = {device.extension: device for device in self.devices}
        object.__setattr__(self, "_all_lines", lines)
        object.__setattr__(self, "_extensions", extensions)

    @property
    def channels(self) -> int:
        """How many calls each of its representative numbers has at once: its IDs (R14)."""
        return len(self.devices)

    def by_extension(self, extension: str) -> Device | None:
        """Find the device that is called under an extension."""
        return self._extensions.get(extension)

    def all_lines(self) -> tuple[Line, ...]:
        """Return its numbers, with the direct numbers that were left out."""
        return self._all_lines


def plain_customers(devices: Iterable[Device]) -> tuple[Customer, ...]:
    """Make a customer of each contract's devices, with their direct numbers alone."""
    ordered = sorted(devices, key=_contract)
    return tuple(Customer(name, tuple(group)) for name, group in groupby(ordered, key=_contract))


def _contract(device: Device) -> str:
    return device.contract
