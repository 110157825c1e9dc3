"""A device: one ID with its number, its credentials and what its contract lets it do (R2 to R6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from routing.budget import Allowance
from routing.handling import PLAIN, CallHandling
from routing.number import NumberKind

PREMIUM_KINDS = frozenset({NumberKind.SERVICE})
"""Information services whose owner is paid by the call (0180, 0990)."""

DEFAULT_BARRED = frozenset({NumberKind.INTERNATIONAL, NumberKind.CARRIER_SELECTION}) | PREMIUM_KINDS
"""What no device may call unless its contract asked for it; a carrier prefix is a way abroad."""


class DeviceKind(Enum):
    """What a device is, which decides when it rings."""

    FIXED = "fixed"
    ATA = "ata"
    APP = "app"

    @property
    def is_fixed(self) -> bool:
        """Whether it goes before apps (R15, R42): a fixed phone, or a phone behind an ATA."""
        return self is not DeviceKind.APP


class CalledDisplay(Enum):
    """How a phone shows which of its numbers is called."""

    DISPLAY_NAME = "display_name"
    """The number's name goes before the caller's in the From display name."""
    HEADER = "header"
    """P-Called-Party-ID and Alert-Info tell it (RFC 7315 section 4.2)."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Device:
    """One ID: a direct number, an extension, one device and one set of credentials."""

    username: str
    """The user name of its digest credentials, unique in the whole switch."""
    contract: str
    extension: str
    number: str
    """The direct number in E.164."""
    display_name: str
    kind: DeviceKind
    ha1: Mapping[str, str] = field(repr=False)
    """H(username:realm:password) for each digest algorithm's name ("MD5", "SHA-256", …)."""
    barred: frozenset[NumberKind] = DEFAULT_BARRED
    """What it may not call: its contract's and its own bars together."""
    countries: frozenset[str] | None = None
    """The countries that may be called where calls abroad are (ISO 3166); None for any."""
    caller_id: str | None = None
    """The representative number it presents, in E.164; None presents its own (R24, R25, R40)."""
    called_display: CalledDisplay = CalledDisplay.DISPLAY_NAME
    max_calls: int | None = None
    """Calls at once in both directions; None leaves it to the phone."""
    budget: Allowance | None = None
    """What it may call out in an hour and a day; None leaves it to the configuration."""
    handling: CallHandling = PLAIN
    """What becomes of calls to its direct number and its extension."""
