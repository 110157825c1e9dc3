"""A decision: who wants to call, and what becomes of the call."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum

import msgspec

from routing.device import Device
from routing.dial_plan import FeatureCall
from routing.handling import Condition
from routing.limit import Claim
from routing.line import Line
from routing.number import Number
from routing.trace import Step
from routing.trunk import Trunk

PATIENCE = 180.0
"""How long a caller hears ringback before the call ends unanswered, in seconds."""


class RefusalCause(StrEnum):
    """Why a call was refused, in one word for logs and call records."""

    INVALID_NUMBER = "invalid_number"
    UNKNOWN_NUMBER = "unknown_number"
    NOT_IN_SERVICE = "not_in_service"
    """A port-in whose date has not come."""
    SUSPENDED = "suspended"
    """The contract is suspended."""
    REJECTED = "rejected"
    """The called contract, or ID, does not want this caller."""
    ANONYMOUS = "anonymous"
    """The called contract, or ID, wants no caller who is not shown."""
    DO_NOT_DISTURB = "do_not_disturb"
    FORWARD_LOOP = "forward_loop"
    """Forwards lead back, or one after the other too often."""
    CHANNELS_FULL = "channels_full"
    """Every channel of a representative number is taken (R14)."""
    CONTRACT_FULL = "contract_full"
    DEVICE_FULL = "device_full"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    """No device that rings is registered, or none rings at all."""
    OWN_NUMBER = "own_number"
    FEATURE_NOT_SERVED = "feature_not_served"
    FOREIGN_CALLER = "foreign_caller"
    """The device asked to present another contract's number."""
    BARRED = "barred"
    COUNTRY_BARRED = "country_barred"
    BLOCKED = "blocked"
    """A budget is spent, or an operator has blocked the ID."""
    NO_TRUNK = "no_trunk"
    NO_ROUTE = "no_route"
    """No carrier's route leads to this number at this time."""
    NUMBER_NOT_CARRIED = "number_not_carried"
    TRUNKS_UNAVAILABLE = "trunks_unavailable"


class Attempt(msgspec.Struct, frozen=True):
    """A call that wants to be made."""

    origin: Device | Trunk
    called: str
    """The user part of the called URI, unescaped."""
    at: float
    """When, in Unix seconds."""
    presented: str | None = None
    """The caller's number as a device asks to present it, or as a trunk reported it."""
    withhold: bool = False
    """Whether the caller asked for privacy by header field (RFC 3323)."""
    display_name: str = ""
    """The caller's name as a trunk reported it."""
    is_preferred: bool = False
    """Whether a device asked by P-Preferred-Identity (RFC 3325), not by its From alone."""


class Caller(msgspec.Struct, frozen=True):
    """Who the called party is told is calling."""

    number: str | None
    """E.164, an extension, or a foreign text; None when the other side did not tell."""
    display_name: str
    withheld: bool
    """The caller asked not to be shown: only a trusted side may learn the number."""


class Diversion(msgspec.Struct, frozen=True):
    """One forward that a call follows, as History-Info tells it (RFC 7044)."""

    device: Device
    """Whose setting it is, and who pays for what follows."""
    called: str
    """What was called: the direct number in E.164, or the extension."""
    condition: Condition
    target: str


class Forward(msgspec.Struct, frozen=True):
    """Send a call on: what calling the target from the ID that forwards would be."""

    diverted_by: tuple[Diversion, ...]
    """The forwards before, in order, and this one last."""
    caller: Caller
    """Who has called in the first place."""
    claims: tuple[Claim, ...] = ()
    """What the call has claimed already, and keeps."""

    @property
    def device(self) -> Device:
        """The ID that forwards."""
        return self.diverted_by[-1].device

    @property
    def target(self) -> str:
        """Where to."""
        return self.diverted_by[-1].target


class Service(Enum):
    """What answers a call in place of a person."""

    VOICEMAIL = "voicemail"
    AFTER_HOURS = "after_hours"
    FAX = "fax"
    FAX_DETECTION = "fax_detection"
    """Media is answered and listened to; what is voice goes on to `then`."""
    BUSY_ANNOUNCEMENT = "busy_announcement"


class Ring(msgspec.Struct, frozen=True):
    """Ring devices, stage after stage; the call ends unanswered after `patience` seconds."""

    stages: tuple[tuple[Device, ...], ...]
    """Each is rung at once; the next follows only when all of one are unreachable or busy."""
    patience: float
    caller: Caller
    line: Line | None = None
    """The number that was called; None for a call to an extension."""
    late: tuple[Device, ...] = ()
    """Those that may join when they register afresh while it rings (R31.2)."""
    then: Service | None = None
    """Who answers when nobody has."""
    claims: tuple[Claim, ...] = ()
    """The channels that the call takes."""
    when_unanswered: Forward | None = None
    """Where it goes after `patience`; never beside `then`."""
    when_busy: Forward | None = None
    """Where it goes when the device says that it is busy (486, 600)."""
    when_unreachable: Forward | None = None
    """Where it goes when the device is gone or does not react."""
    diverted_by: tuple[Diversion, ...] = ()
    """The forwards that led here, in order."""

    @property
    def devices(self) -> tuple[Device, ...]:
        """Every device of every stage, in order."""
        return tuple(device for stage in self.stages for device in stage)


class Serve(msgspec.Struct, frozen=True):
    """Let a service of the switch answer; `then` is what becomes of a caller it passes on."""

    service: Service
    line: Line
    caller: Caller
    claims: tuple[Claim, ...] = ()
    then: "Outcome | None" = None
    diverted_by: tuple[Diversion, ...] = ()


class Out(msgspec.Struct, frozen=True):
    """Call a number through trunks, in this order until one accepts."""

    trunks: tuple[Trunk, ...]
    number: Number
    caller: Caller
    emergency: bool = False
    claims: tuple[Claim, ...] = ()
    rate_per_minute: Decimal | None = None
    """The dearest that it may cost, in yen; None where no rate is known."""
    diverted_by: tuple[Diversion, ...] = ()

    def payer(self, origin: Device | Trunk) -> Device | Trunk:
        """Return who pays for a call from this origin: the last ID that forwarded it, if any."""
        return self.diverted_by[-1].device if self.diverted_by else origin

    def dialled(self, trunk: Trunk) -> str:
        """Return the number as this carrier wants it written."""
        return self.number.written(trunk.called_number_format)


class Use(msgspec.Struct, frozen=True):
    """Use a feature of the switch: park, fetch, pick up."""

    feature: FeatureCall
    device: Device
    """Whose feature code it is."""
    claims: tuple[Claim, ...] = ()


class Refuse(msgspec.Struct, frozen=True):
    """Refuse the call with this status."""

    status: int
    reason: str
    cause: RefusalCause
    warning: str | None = None
    """What the caller may be told beside it (a Warning with code 399, RFC 3261 section 20.43)."""


Outcome = Ring | Serve | Out | Use | Refuse


class Detection(msgspec.Struct, frozen=True):
    """A FAX detection whose voice part may still have to follow a forward."""

    serve: Serve
    voice: "Answer"


Answer = Outcome | Forward | Detection
"""What a rule says, before forwards are followed."""


class Decision(msgspec.Struct, frozen=True):
    """What becomes of an attempt, and every rule that led there."""

    outcome: Outcome
    trace: tuple[Step, ...]


# A bar, a block, a list and another contract's number have no warning: whoever holds a stolen
# password, or calls from outside, would learn from it what to try next.
_REFUSALS: Mapping[RefusalCause, Refuse] = {
    refusal.cause: refusal
    for refusal in (
        Refuse(
            484,
            "Address Incomplete",
            RefusalCause.INVALID_NUMBER,
            "The number has no form of the numbering plan",
        ),
        Refuse(404, "Not Found", RefusalCause.UNKNOWN_NUMBER),
        Refuse(404, "Not Found", RefusalCause.NOT_IN_SERVICE),
        Refuse(480, "Temporarily Unavailable", RefusalCause.SUSPENDED),
        Refuse(603, "Decline", RefusalCause.REJECTED),
        Refuse(433, "Anonymity Disallowed", RefusalCause.ANONYMOUS),
        Refuse(480, "Temporarily Unavailable", RefusalCause.DO_NOT_DISTURB),
        Refuse(482, "Loop Detected", RefusalCause.FORWARD_LOOP),
        Refuse(486, "Busy Here", RefusalCause.CHANNELS_FULL),
        Refuse(486, "Busy Here", RefusalCause.CONTRACT_FULL),
        Refuse(486, "Busy Here", RefusalCause.DEVICE_FULL),
        Refuse(486, "Busy Here", RefusalCause.BUSY),
        Refuse(480, "Temporarily Unavailable", RefusalCause.UNREACHABLE),
        Refuse(486, "Busy Here", RefusalCause.OWN_NUMBER, "The number is the caller's own"),
        Refuse(
            404,
            "Not Found",
            RefusalCause.FEATURE_NOT_SERVED,
            "The feature behind this code is not in service",
        ),
        Refuse(403, "Forbidden", RefusalCause.FOREIGN_CALLER),
        Refuse(403, "Forbidden", RefusalCause.BARRED),
        Refuse(403, "Forbidden", RefusalCause.COUNTRY_BARRED),
        Refuse(403, "Forbidden", RefusalCause.BLOCKED),
        Refuse(404, "Not Found", RefusalCause.NO_TRUNK),
        Refuse(404, "Not Found", RefusalCause.NO_ROUTE),
        Refuse(503, "Service Unavailable", RefusalCause.NUMBER_NOT_CARRIED),
        Refuse(503, "Service Unavailable", RefusalCause.TRUNKS_UNAVAILABLE),
    )
}


def refuse(cause: RefusalCause) -> Refuse:
    """Return the refusal for a cause: its status, its words and what the caller may be told."""
    return _REFUSALS[cause]


SUSPENDED_CALLER = Refuse(403, "Forbidden", RefusalCause.SUSPENDED)
"""What the device of a suspended contract hears; who calls it hears 480 (RFC 3261 21.4.18)."""
