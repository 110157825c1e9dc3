"""What the machines of a trunk ask for: values that its line performs (`switch.trunk.line`)."""

from enum import StrEnum

import msgspec


class TrunkTimer(StrEnum):
    """The timers of one trunk."""

    REGISTER = "register"
    """The next REGISTER is due."""
    LAPSE = "lapse"
    """The registration ends unless refreshed before."""
    PING = "ping"
    """The next OPTIONS is due, or the last one has waited long enough."""
    RESOLVE = "resolve"
    """The next hop is to be looked up again."""


class StartRegister(msgspec.Struct, frozen=True, gc=False):
    """Send a REGISTER that asks for these seconds; 0 takes the registration back."""

    expires: int


class StartPing(msgspec.Struct, frozen=True, gc=False):
    """Send an OPTIONS."""


class Arm(msgspec.Struct, frozen=True, gc=False):
    """Make a timer due after so many seconds, replacing it when it runs."""

    timer: TrunkTimer
    delay: float


class Disarm(msgspec.Struct, frozen=True, gc=False):
    """Stop a timer; one that does not run is no fault."""

    timer: TrunkTimer


class Became(msgspec.Struct, frozen=True, gc=False):
    """The machine found the carrier usable, or not, when it was the other before."""

    usable: bool
    reason: str


class Failed(msgspec.Struct, frozen=True, gc=False):
    """An attempt failed; the next follows after `delay` seconds."""

    reason: str
    delay: float


TrunkEffect = StartRegister | StartPing | Arm | Disarm | Became | Failed
