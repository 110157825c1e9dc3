"""A contract as it is written, stored and published: the one schema of import and export.

A contract has IDs (the first is the basic one, R5), each with a direct number, an extension, a
device and credentials, and representative numbers that its IDs share. What fields say of each other
is in `provisioning.rule`; what calls see of it is made in `provisioning.snapshot`.
"""

from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from provisioning.field import (
    Algorithm,
    CallCount,
    Country,
    Extension,
    ForwardTarget,
    Line,
    MacAddress,
    MailAddress,
    Moment,
    Section,
    ShortLine,
    TelephoneNumber,
    UserName,
)
from routing.device import CalledDisplay, DeviceKind
from routing.handling import DEFAULT_NO_ANSWER_DELAY
from routing.line import FaxMode, WhenFull

MAX_IDS = 10_000
MAX_REPRESENTATIVES = 1000
"""Of one contract; far beyond any office, and a bound on what one file can ask for."""
MAX_REJECTED = 10_000
MAX_MAIL_ADDRESSES = 16
DEFAULT_VOICEMAIL_DELAY = 30


def _delay(value: float) -> float:
    if not 1 <= value <= 180:
        raise ValueError("choose 1 to 180 seconds; voicemail cannot answer at once (R57)")
    return value


def _ringing(value: float) -> float:
    if not 1 <= value <= 180:
        raise ValueError("choose 1 to 180 seconds; to forward at once, set always")
    return value


class Maker(Enum):
    """Who made a device (R21)."""

    GRANDSTREAM = "grandstream"
    PANASONIC = "panasonic"
    OTHER = "other"


class NumberState(Enum):
    """How a request for a representative number stands (R13)."""

    GRANTED = "granted"
    PENDING = "pending"
    """Waits for the operator's decision; calls do not find it."""
    REFUSED = "refused"


class Device(Section):
    """What is plugged in or installed for an ID."""

    kind: DeviceKind = DeviceKind.FIXED
    """`fixed` (IP phone), `ata` (adapter with an analogue phone or fax machine) or `app`."""
    maker: Maker = Maker.OTHER
    model: ShortLine = ""
    mac: MacAddress | None = None
    called_display: CalledDisplay = CalledDisplay.DISPLAY_NAME
    """How it shows which number is called: in the caller's name, in a header field, not at all."""


class Barring(Section):
    """What may not be called. A bar of the contract or of the ID counts; unsaid is the default."""

    international: bool | None = None
    """Other countries; barred by default."""
    premium: bool | None = None
    """0180 and 0990; barred by default."""
    carrier_selection: bool | None = None
    """Carrier prefixes (00XY), a way abroad; barred by default."""
    navi: bool | None = None
    """0570."""
    mobile: bool | None = None
    """070, 080 and 090."""
    services: bool | None = None
    """Short codes such as 104 and 117; emergency numbers are never barred."""
    countries: Annotated[list[Country], Field(max_length=250)] | None = None
    """The countries (US, KR, …) that may be called where other countries may; unsaid: all."""


class Budget(Section):
    """What may be called out in sliding windows; unsaid sets no limit."""

    calls_per_hour: CallCount | None = None
    calls_per_day: CallCount | None = None
    calls_at_once: CallCount | None = None
    yen_per_day: Annotated[int, Field(ge=0, le=100_000_000)] | None = None


class Allowance(Section):
    """The budgets of an ID or a contract; unsaid ones are the configuration's."""

    domestic: Budget | None = None
    abroad: Budget | None = None
    """Other countries, carrier prefixes and premium services."""


class Forwarding(Section):
    """Where an ID sends the calls to its direct number and extension on; unsaid: nowhere."""

    always: ForwardTarget | None = None
    """Every call; the device does not ring."""
    busy: ForwardTarget | None = None
    no_answer: ForwardTarget | None = None
    unreachable: ForwardTarget | None = None
    """Its device is not registered, or does not react."""
    after: Annotated[float, AfterValidator(_ringing)] = DEFAULT_NO_ANSWER_DELAY
    """Seconds until a call counts as not answered, 1 to 180."""


class Voicemail(Section):
    """The voicemail option of a number (R54 to R58)."""

    delay: Annotated[float, AfterValidator(_delay)] = DEFAULT_VOICEMAIL_DELAY
    """Seconds until it answers, 1 to 180."""
    mail: list[MailAddress] = Field(default=[], max_length=MAX_MAIL_ADDRESSES)
    """Who is told of new messages."""

    @model_validator(mode="before")
    @classmethod
    def _has_no_greeting(cls, table: object) -> object:
        if isinstance(table, dict) and "greeting" in table:
            raise ValueError("leave the greeting out: it cannot be changed (R58)")
        return table


class Fax(Section):
    """The cloud FAX option of a number (R47 to R52); it receives only."""

    mode: FaxMode = FaxMode.SHARED
    """`only`: every call is a fax; `shared`: voice and fax on one number."""
    mail: Annotated[list[MailAddress], Field(min_length=1, max_length=MAX_MAIL_ADDRESSES)]
    """Where the PDF goes (R48)."""

    @model_validator(mode="before")
    @classmethod
    def _does_not_send(cls, table: object) -> object:
        if isinstance(table, dict) and "send" in table:
            raise ValueError("leave send out: cloud FAX only receives (R52)")
        return table


class PortIn(Section):
    """A number that moves here from another carrier (R73); an empty table has no date yet."""

    in_service_from: Moment | None = None
    """When calls come here. Without it, the number is not in service."""


class NumberOptions(Section):
    """What a number has, be it direct or representative."""

    voicemail: Voicemail | None = None
    fax: Fax | None = None
    after_hours: bool = False
    """The after-hours announcement (R44)."""
    port_in: PortIn | None = None


class Identity(NumberOptions):
    """One ID: a direct number, an extension, one device and one set of credentials (R2 to R4)."""

    username: UserName
    """What its device logs in with; unique in the whole switch."""
    password: str | None = Field(default=None, min_length=1, max_length=256, repr=False)
    """Accepted once; what is stored and exported is `ha1`."""
    ha1: dict[Algorithm, str] = Field(default={}, repr=False)
    """H(username:realm:password) in hexadecimal, for each digest algorithm in use."""
    extension: Extension
    number: TelephoneNumber
    """The direct number."""
    display_name: ShortLine = ""
    device: Device | None = None
    """Unsaid: none is known; whatever registers is taken for a fixed phone."""
    caller_id: TelephoneNumber | None = None
    """The representative number that it presents; unsaid: its direct number (R24, R25, R40)."""
    barring: Barring = Barring()
    budget: Allowance | None = None
    max_calls: CallCount | None = None
    forward: Forwarding = Forwarding()
    do_not_disturb: bool = False
    """Whether calls to it go to voicemail or are refused; for shared numbers it does not ring."""
    call_waiting: bool = True
    """Whether a second call rings; without it the ID is busy during a call."""
    rejected: list[TelephoneNumber] = Field(default=[], max_length=MAX_REJECTED)
    """Callers that it turns away, beside the contract's."""
    reject_anonymous: bool = False
    flat_plan: bool = False
    """The ten-minute flat plan, for apps (R59, R63)."""
    phonebook: bool = False
    """The Web phonebook (R72)."""

    @field_validator("device", mode="before")
    @classmethod
    def _is_one_device(cls, value: object) -> object:
        if isinstance(value, list):
            raise ValueError("give one device: each device has an ID of its own (R3, R4)")  # noqa: TRY004 - a fault of what is written
        return value

    @property
    def kind(self) -> DeviceKind:
        """Which kind of device rings for it."""
        return self.device.kind if self.device is not None else DeviceKind.FIXED


class Assignment(Section):
    """An ID's part in a representative number."""

    id: UserName
    """The ID's user name."""
    rings: bool = True
    """Whether its device rings for this number (R32)."""


class Representative(NumberOptions):
    """A number that IDs share (R9)."""

    number: TelephoneNumber
    name: ShortLine = ""
    """What users see when it is called."""
    use: Line = ""
    """The declared use, required of a fourth number and later ones (R13)."""
    state: NumberState | None = None
    """Unsaid: granted up to the third number, pending from the fourth."""
    assigned: list[Assignment] = Field(default=[], max_length=MAX_IDS)
    when_full: WhenFull = WhenFull.BUSY


class Contract(Section):
    """One customer: who it is, its IDs and its representative numbers."""

    name: UserName
    """The contract's code, unique."""
    customer: Line = ""
    address: Line = ""
    """The registered address, to which the basic ID is tied (R6)."""
    suspended: bool = False
    """Calls neither come in nor go out, emergency calls excepted."""
    max_calls: CallCount | None = None
    """Calls at once over the whole contract."""
    rejected: list[TelephoneNumber] = Field(default=[], max_length=MAX_REJECTED)
    """Callers that are turned away."""
    reject_anonymous: bool = False
    barring: Barring = Barring()
    budget: Allowance | None = None
    ids: list[Identity] = Field(alias="id", min_length=1, max_length=MAX_IDS)
    """The first is the basic ID, each later one an additional ID."""
    representatives: list[Representative] = Field(
        default=[], alias="representative", max_length=MAX_REPRESENTATIVES
    )

    def numbers(self) -> list[str]:
        """List every number that it holds, in E.164."""
        own = [identity.number for identity in self.ids]
        return own + [each.number for each in self.representatives]


class ContractFile(Section):
    """A file of contracts: what `daihyo import` reads and `daihyo export` writes."""

    version: Annotated[int, Field(ge=1, le=1)] = 1
    contracts: list[Contract] = Field(default=[], alias="contract", max_length=1_000_000)
