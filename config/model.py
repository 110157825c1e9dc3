"""The settings as an operator writes them: one pydantic model a TOML table, checked field by field.

Rules between fields of different tables live in `config.rule`, a contract's own model and rules in
`provisioning`; the components' own settings are made from these models in `switch.blueprint`.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from config.fraud import Fraud
from config.mail import Mail, Voicemail
from config.route import Route
from provisioning.contract import Contract
from provisioning.field import Algorithm, Section, TelephoneNumber, UserName

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


def _address(value: str) -> str:
    return str(ip_address(value.strip("[]")))


def _host(value: str) -> str:
    try:
        return _address(value)
    except ValueError:
        if not _HOST_NAME.fullmatch(value):
            raise ValueError("use a host name or an IP address") from None
        return value


def _network(value: str) -> str:
    try:
        return str(ip_network(value.strip("[]")))
    except ValueError:
        raise ValueError("use an IP address or a network such as 192.0.2.0/28") from None


IpAddress = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Port = Annotated[int, Field(ge=0, le=65535)]
Network = Annotated[str, AfterValidator(_network)]
NumberFormatName: TypeAlias = Literal["e164", "e164_bare", "national"]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


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
        return self.database or f"sqlite+aiosqlite:///{self._database_file}"

    @property
    def is_database_missing(self) -> bool:
        """Whether the file in the data folder is still to be made."""
        return not self.database and not self._database_file.exists()

    @property
    def _database_file(self) -> Path:
        return self.data_dir / "daihyo.db"


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
    """The addresses and ports of the media relay, and what it may play itself."""

    address: IpAddress = "0.0.0.0"  # noqa: S104 - as above
    advertise: IpAddress | None = None
    ipv6: IpAddress | None = None
    advertise_ipv6: IpAddress | None = None
    first_port: int = Field(default=16_384, ge=1024, le=65_534)
    last_port: int = Field(default=32_767, ge=1025, le=65_535)
    max_terminated: int = Field(default=2000, ge=0, le=20_000)
    prompts: Path | None = None

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
    number_format: NumberFormatName = "e164"
    called_format: NumberFormatName | None = None
    did_in: Literal["to", "request-uri", "p-called-party-id"] = "request-uri"
    did_prefix: str = Field(default="", pattern=r"^[0-9]{0,6}$")
    trusted: bool = True
    identity: (
        Literal["p-asserted-identity", "p-preferred-identity", "remote-party-id", "from"] | None
    ) = None
    withhold_by: Literal["privacy", "prefix"] = "privacy"
    user_phone: bool = True
    tel_uris: bool = False
    inbound_transports: list[Literal["udp", "tcp", "tls"]] = Field(default=[], max_length=3)
    inbound_ports: list[Annotated[int, Field(ge=1, le=65_535)]] = Field(default=[], max_length=16)
    priority: int = Field(default=0, ge=0, le=1000)
    max_calls: int = Field(default=1000, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _agrees(self) -> "Trunk":
        called = self.called_format or self.number_format
        if not self.trusted and self.identity == "p-asserted-identity":
            raise ValueError("assert identities to trusted trunks only; use p-preferred-identity")
        if self.tel_uris and "e164_bare" in {self.number_format, called}:
            raise ValueError("write numbers in tel URIs as e164 or national")
        return self


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
    fraud: Fraud = Fraud()
    mail: Mail = Mail()
    voicemail: Voicemail = Voicemail()
    log: LogSection = LogSection()
    http: Http = Http()
    trunks: list[Trunk] = Field(default=[], alias="trunk", max_length=1000)
    routes: list[Route] = Field(default=[], alias="route", max_length=100_000)
    contracts: list[Contract] = Field(default=[], alias="contract", max_length=100_000)
