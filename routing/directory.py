"""The directory: who and what the switch serves, as one immutable snapshot.

Devices and trunks are values; a `Directory` is built whole, checked whole and swapped whole. The
call path only looks things up in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from routing.number import EMERGENCY_NUMBERS, Number, NumberError, NumberFormat
from switch.sip.flow import Transport


class DirectoryError(ValueError):
    """The devices and trunks contradict each other; `faults` names every contradiction."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class DeviceKind(Enum):
    """What a device is, which decides when it rings."""

    FIXED = "fixed"
    ATA = "ata"
    APP = "app"


class DidSource(Enum):
    """Where a carrier writes the called number of an INVITE."""

    REQUEST_URI = "request_uri"
    TO = "to"


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
    international: bool = False
    """Whether it may call other countries; off unless the contract asked for it."""


@dataclass(frozen=True, slots=True)
class TrunkCredential:
    """What answers the carrier's digest challenges."""

    username: str
    password: str = field(repr=False)
    realm: str | None = None
    """The one realm that may be answered; None accepts whatever the carrier's next hop names."""


@dataclass(frozen=True, slots=True)
class TrunkRegistration:
    """How the switch registers with a carrier."""

    user: str
    """The user part of the address-of-record."""
    domain: str
    """Its host, which is also the Request-URI's."""
    expires: int = 3600
    contact_user: str | None = None
    """The user part of our Contact; the address-of-record's unless the carrier wants another."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier's line: where to send, from where to accept, and how it writes numbers."""

    name: str
    host: str
    """The next hop: a name to resolve or an address literal (IPv6 without brackets)."""
    port: int | None = None
    transport: Transport | None = None
    """None lets the resolver choose (RFC 3263)."""
    addresses: tuple[str, ...] = ()
    """From where its calls are accepted: address literals or networks such as 192.0.2.0/28."""
    number_format: NumberFormat = NumberFormat.E164
    did_in: DidSource = DidSource.REQUEST_URI
    priority: int = 0
    """Lower is tried first; equal ones in the order of their names."""
    max_calls: int | None = None
    options_interval: float | None = 30.0
    """Seconds between OPTIONS pings; None for a carrier that must not be pinged."""
    domain: str | None = None
    """The host part of our identity and of the Request-URI; the next hop's unless given."""
    credential: TrunkCredential | None = None
    registration: TrunkRegistration | None = None
    numbers: frozenset[str] = frozenset()
    """The numbers in E.164 that it carries in both directions; empty for any."""
    trusted: bool = True
    """Whether asserted identities cross to it (RFC 3325): a carrier of our trust domain."""

    @property
    def sip_domain(self) -> str:
        """The host part of URIs in this carrier's domain."""
        return self.domain or self.host

    def carries(self, number: str) -> bool:
        """Whether the number may come in or be presented on this trunk."""
        return not self.numbers or number in self.numbers


Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, repr=False)
class Directory:
    """Every device and trunk, with a look-up for each way of naming one."""

    devices: Mapping[str, Device]
    """By user name."""
    trunks: tuple[Trunk, ...]
    """In the order in which they are tried."""
    _numbers: Mapping[str, Device]
    _extensions: Mapping[tuple[str, str], Device]
    _trunks: Mapping[str, Trunk]
    _addresses: Mapping[str, Trunk]
    _networks: tuple[tuple[Network, Trunk], ...]

    @classmethod
    def build(cls, devices: Iterable[Device] = (), trunks: Iterable[Trunk] = ()) -> "Directory":
        """Check and index devices and trunks; raise `DirectoryError` with every fault at once."""
        listed = tuple(devices)
        ordered = tuple(sorted(trunks, key=lambda trunk: (trunk.priority, trunk.name)))
        hosts, networks, faults = _allowed_sources(ordered)
        faults = (*_device_faults(listed), *_trunk_faults(ordered), *faults)
        if faults:
            raise DirectoryError(faults)
        return cls(
            devices={device.username: device for device in listed},
            trunks=ordered,
            _numbers={device.number: device for device in listed},
            _extensions={(device.contract, device.extension): device for device in listed},
            _trunks={trunk.name: trunk for trunk in ordered},
            _addresses=hosts,
            _networks=networks,
        )

    def device(self, username: str) -> Device | None:
        """Find a device by the user name of its credentials."""
        return self.devices.get(username)

    def by_number(self, number: str) -> Device | None:
        """Find the device of a direct number in E.164."""
        return self._numbers.get(number)

    def by_extension(self, contract: str, extension: str) -> Device | None:
        """Find the device that a contract reaches under an extension."""
        return self._extensions.get((contract, extension))

    def trunk(self, name: str) -> Trunk | None:
        """Find a trunk by its name."""
        return self._trunks.get(name)

    def trunk_for_address(self, host: str) -> Trunk | None:
        """Find the trunk that may send from this address; an address goes before a network."""
        trunk = self._addresses.get(host)
        if trunk is not None or not self._networks:
            return trunk
        try:
            address = ip_address(host)
        except ValueError:
            return None
        candidates = (trunk for network, trunk in self._networks if address in network)
        return next(candidates, None)

    def __repr__(self) -> str:
        return f"<Directory {len(self.devices)} devices, {len(self.trunks)} trunks>"


def _device_faults(devices: tuple[Device, ...]) -> tuple[str, ...]:
    faults = [
        *_repeated("the user name {}", (device.username for device in devices)),
        *_repeated("the number {}", (device.number for device in devices)),
        *_repeated(
            "the extension {}",
            (f"{device.extension} of contract {device.contract}" for device in devices),
        ),
    ]
    for device in devices:
        if not _is_inner_form(device.number):
            faults.append(f"the number {device.number} of {device.username} is not in E.164")
        if device.extension in EMERGENCY_NUMBERS:
            faults.append(
                f"the extension {device.extension} of {device.username} is an emergency number"
            )
    return tuple(faults)


def _trunk_faults(trunks: tuple[Trunk, ...]) -> tuple[str, ...]:
    faults = list(_repeated("the trunk name {}", (trunk.name for trunk in trunks)))
    faults += [
        f"the number {number} of trunk {trunk.name} is not in E.164"
        for trunk in trunks
        for number in sorted(trunk.numbers)
        if not _is_inner_form(number)
    ]
    return tuple(faults)


def _is_inner_form(number: str) -> bool:
    try:
        parsed = Number.parse(number)
    except NumberError:
        return False
    return parsed.is_e164 and parsed.text == number


def _repeated(what: str, names: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(names)
    return tuple(
        f"{what.format(name)} is used {count} times" for name, count in counts.items() if count > 1
    )


def _allowed_sources(
    trunks: tuple[Trunk, ...],
) -> tuple[Mapping[str, Trunk], tuple[tuple[Network, Trunk], ...], tuple[str, ...]]:
    """Index where each trunk may send from; name what is no address and what two trunks share."""
    owners: dict[Network, Trunk] = {}
    faults: list[str] = []
    for trunk in trunks:
        for text in trunk.addresses:
            try:
                network = ip_network(text)
            except ValueError:
                faults.append(f"the address {text} of trunk {trunk.name} is no address or network")
                continue
            owner = owners.setdefault(network, trunk)
            if owner.name != trunk.name:
                faults.append(f"the address {text} belongs to trunks {owner.name} and {trunk.name}")
    hosts = {str(net[0]): trunk for net, trunk in owners.items() if net.num_addresses == 1}
    # The narrowest network wins, so that a trunk can be cut out of a carrier's larger block.
    wide = [(net, trunk) for net, trunk in owners.items() if net.num_addresses > 1]
    wide.sort(key=lambda pair: pair[0].num_addresses)
    return hosts, tuple(wide), tuple(faults)
