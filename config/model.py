"""The settings as an operator writes them: one pydantic model a TOML table, checked field by field.

Rules between fields of different tables live in `config.rule`; the components' own settings are
made from these models in `switch.app`.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from routing.number import EMERGENCY_NUMBERS, Number, NumberError

Algorithm: TypeAlias = Literal["MD5", "SHA-256", "SHA-512-256"]
"""A digest algorithm by its name of RFC 8760."""

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_TOKEN = re.compile(r"[A-Za-z0-9._!~*'()&=+$,;?/%-]+")


def _address(value: str) -> str:
    return str(ip_address(value.strip("[]")))


def _host(value: str) -> str:
    try:
        return _address(value)
    except ValueError:
        if not _HOST_NAME.fullmatch(value):
            raise ValueError("use a host name or an IP address") from None
        return value


def e164(value: str) -> str:
    """Bring a national (03-1234-5678) or international (+81312345678) number to E.164."""
    try:
        number = Number.parse(value)
    except NumberError:
        number = None
    if number is None or not number.is_e164:
        raise ValueError("write a number as 0312345678 or as +81312345678")
    return number.text


def _network(value: str) -> str:
    try:
        return str(ip_network(value.strip("[]")))
    except ValueError:
        raise ValueError("use an IP address or a network such as 192.0.2.0/28") from None


def _user(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("use letters, digits and ._- only, as in a SIP address's user part")
    return value


def _extension(value: str) -> str:
    if value in EMERGENCY_NUMBERS:
        raise ValueError("choose an extension that is no emergency number")
    return value


def _text(value: object) -> object:
    """Accept a bare number where digits are meant: `extension = 101`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


IpAddress = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=0, le=65535)]
TelephoneNumber = Annotated[str, BeforeValidator(_text), AfterValidator(e164)]
Network = Annotated[str, AfterValidator(_network)]
UserName = Annotated[str, BeforeValidator(_text), Field(max_length=64), AfterValidator(_user)]
Extension = Annotated[
    str,
    BeforeValidator(_text),
    Field(pattern=r"^[1-9][0-9]{1,7}$"),
    AfterValidator(_extension),
]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Section(BaseModel):
    """One table; an unknown key in it is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    """Who we are and where our files live."""

    data_dir: Path = Path("data")
    realm: str = Field(default="daihyo", min_length=1, max_length=128, pattern=r'^[^"\\\r\n]+$')
    domain: Host | None = None
    user_agent: str = Field(default="Daihyo", max_length=128, pattern=r"^[^\r\n]*$")
    database: str = ""
    max_calls: int = Field(default=10_000, ge=1, le=1_000_000)
    drain_seconds: Seconds = 60.0

    @property
    def database_url(self) -> str:
        """The configured database, or the file in the data folder."""
        return self.database or f"sqlite+aiosqlite:///{self.data_dir / 'daihyo.db'}"


class Listener(Section):
    """One address that phones and trunks reach us at."""

    transport: Literal["udp", "tcp", "tls"]
    host: IpAddress = "0.0.0.0"  # noqa: S104 - a softswitch is there to be reached
    port: Port = 5060
    advertise: Host | None = None
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


class Tls(Section):
    """How the certificates of those we connect to are judged, and what we show them."""

    ca: Path | None = None
    verify: bool = True
    certificate: Path | None = None
    key: Path | None = None


class Dns(Section):
    """Who is asked for the addresses of trunks."""

    servers: list[IpAddress] = Field(default=[], max_length=8)
    port: int = Field(default=53, ge=1, le=65_535)
    timeout: float = Field(default=3.0, gt=0, le=60)


class Media(Section):
    """The addresses and ports of the media relay."""

    address: IpAddress = "0.0.0.0"  # noqa: S104 - as above
    advertise: IpAddress | None = None
    ipv6: IpAddress | None = None
    advertise_ipv6: IpAddress | None = None
    first_port: int = Field(default=16_384, ge=1024, le=65_534)
    last_port: int = Field(default=32_767, ge=1025, le=65_535)

    @model_validator(mode="after")
    def _has_room(self) -> "Media":
        if self.last_port < self.first_port + 3:
            raise ValueError("last_port is below first_port + 3, so that no call has room")
        return self


class Registrar(Section):
    """How long a registration may last, in seconds (RFC 3261 section 10.3)."""

    min_expires: int = Field(default=60, ge=1, le=86_400)
    default_expires: int = Field(default=300, ge=1, le=86_400)
    max_expires: int = Field(default=3600, ge=1, le=604_800)

    @model_validator(mode="after")
    def _is_ordered(self) -> "Registrar":
        if not self.min_expires <= self.default_expires <= self.max_expires:
            raise ValueError("min_expires, default_expires and max_expires are not in rising order")
        return self


class Security(Section):
    """Digest algorithms in the order of offering, and limits before authentication."""

    algorithms: list[Algorithm] = Field(default=["SHA-256", "MD5"], min_length=1, max_length=3)
    nonce_lifetime: Seconds = 300.0
    requests_per_second: float = Field(default=20.0, gt=0, le=100_000)
    request_burst: int = Field(default=60, ge=1, le=1_000_000)
    failures_before_ban: int = Field(default=20, ge=1, le=100_000)
    ban_seconds: Seconds = 300.0


class Timers(Section):
    """The base timers of RFC 3261 table 4, and the call's own, in seconds."""

    t1: float = Field(default=0.5, ge=0.001, le=10)
    t2: float = Field(default=4.0, ge=0.001, le=60)
    t4: float = Field(default=5.0, ge=0.001, le=60)
    session_expires: int = Field(default=1800, ge=90, le=86_400)
    min_session_expires: int = Field(default=90, ge=90, le=86_400)


class LogSection(Section):
    """How the operator reads what happens."""

    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"
    mask_numbers: bool = False


class Http(Section):
    """Where /metrics, /health and /ready are served."""

    enabled: bool = True
    host: IpAddress = "127.0.0.1"
    port: Port = 9460


class TrunkRegister(Section):
    """The credentials with which we register at the carrier; used for this realm only."""

    username: UserName
    password: str = Field(min_length=1, max_length=256)
    realm: str | None = None
    user: UserName | None = None
    domain: Host | None = None
    expires: int = Field(default=3600, ge=60, le=86_400)
    contact_user: UserName | None = None


class Trunk(Section):
    """One carrier: where calls go out, whose calls come in, and how numbers are written."""

    name: UserName
    host: Host
    port: int | None = Field(default=None, ge=1, le=65_535)
    transport: Literal["udp", "tcp", "tls"] | None = None
    inbound: list[Network] = Field(default=[], max_length=256)
    register_with: TrunkRegister | None = Field(default=None, alias="register")
    numbers: list[TelephoneNumber] = Field(default=[], max_length=100_000)
    options_ping: int = Field(default=30, ge=0, le=3600)
    number_format: Literal["e164", "e164_bare", "national"] = "e164"
    did_in: Literal["to", "request-uri"] = "request-uri"
    priority: int = Field(default=0, ge=0, le=1000)
    max_calls: int = Field(default=1000, ge=1, le=1_000_000)


class Identity(Section):
    """One ID of a contract: credentials, an extension, a direct number and a device."""

    username: UserName
    password: str | None = Field(default=None, min_length=1, max_length=256)
    ha1: dict[Algorithm, str] = {}
    extension: Extension
    number: TelephoneNumber
    display_name: str = Field(default="", max_length=64, pattern=r"^[^\r\n]*$")
    kind: Literal["fixed", "ata", "app"] = "fixed"
    international: bool = False


class Contract(Section):
    """One customer and its IDs."""

    name: UserName
    ids: list[Identity] = Field(alias="id", min_length=1, max_length=10_000)


class Settings(Section):
    """The whole configuration."""

    server: Server = Server()
    listeners: list[Listener] = Field(
        default=[Listener(transport="udp"), Listener(transport="tcp")],
        alias="listener",
        min_length=1,
        max_length=64,
    )
    tls: Tls = Tls()
    dns: Dns = Dns()
    media: Media = Media()
    registrar: Registrar = Registrar()
    security: Security = Security()
    timers: Timers = Timers()
    log: LogSection = LogSection()
    http: Http = Http()
    trunks: list[Trunk] = Field(default=[], alias="trunk", max_length=1000)
    contracts: list[Contract] = Field(default=[], alias="contract", max_length=100_000)
