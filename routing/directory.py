"""The directory: who and what the switch serves, as one immutable snapshot.

Customers and trunks are values; a `Directory` is checked whole and swapped whole. A change of one
customer makes a new snapshot that shares everything else with the old one, so that calls keep the
snapshot they began with. The call path only looks things up in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from routing.carrier import CarrierPlan, CarrierRoute
from routing.customer import Customer
from routing.device import Device
from routing.dial_plan import DEFAULT_PLAN, DialPlan
from routing.index import Index
from routing.line import MAX_VOICEMAIL_DELAY, Line
from routing.number import Number, NumberError
from routing.trunk import Trunk

Network = IPv4Network | IPv6Network


class DirectoryError(ValueError):
    """Customers and trunks contradict each other; `faults` names every contradiction."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, repr=False)
class Directory:
    """Every customer, device, number and trunk, with a look-up for each way of naming one."""

    customers: Index[Customer]
    """By contract."""
    devices: Index[Device]
    """By user name."""
    lines: Index[Line]
    """By number in E.164."""
    trunks: tuple[Trunk, ...]
    """In the order in which they are tried."""
    carriers: CarrierPlan
    """Which trunk carries what."""
    plan: DialPlan
    """What may be dialled beside whole numbers."""
    _trunks: Mapping[str, Trunk]
    _addresses: Mapping[str, Trunk]
    _networks: tuple[tuple[Network, Trunk], ...]

    @classmethod
    def build(
        cls,
        customers: Iterable[Customer] = (),
        trunks: Iterable[Trunk] = (),
        routes: Iterable[CarrierRoute] = (),
        plan: DialPlan = DEFAULT_PLAN,
    ) -> "Directory":
        """Check and index customers and trunks; raise `DirectoryError` with every fault at once."""
        listed = tuple(customers)
        ordered = tuple(sorted(trunks, key=lambda trunk: (trunk.priority, trunk.name)))
        carriers = CarrierPlan.build(ordered, routes)
        hosts, networks, faults = _allowed_sources(ordered)
        faults = (
            *plan.faults(),
            *_customer_faults(listed, plan),
            *_trunk_faults(ordered),
            *carriers.faults,
            *faults,
        )
        if faults:
            raise DirectoryError(faults)
        return cls(
            customers=Index({customer.contract: customer for customer in listed}),
            devices=Index({device.username: device for device in _devices(listed)}),
            lines=Index({line.number: line for line in _lines(listed)}),
            trunks=ordered,
            carriers=carriers,
            plan=plan,
            _trunks={trunk.name: trunk for trunk in ordered},
            _addresses=hosts,
            _networks=networks,
        )

    def with_customer(self, customer: Customer) -> "Directory":
        """Return a snapshot in which this customer is as told; raise `DirectoryError`."""
        return self.with_changes((customer,))

    def without_customer(self, contract: str) -> "Directory":
        """Return a snapshot without a customer; an unknown one is no fault."""
        return self.with_changes((), (contract,))

    def with_changes(self, changed: Iterable[Customer], gone: Iterable[str] = ()) -> "Directory":
        """Return a snapshot in which some customers are as told and others gone, checked whole.

        What does not change is shared, not copied. Raises `DirectoryError`.
        """
        listed = tuple(changed)
        left = {*gone, *(customer.contract for customer in listed)}
        old = [self.customers[contract] for contract in left if contract in self.customers]
        devices = self.devices.changed((device.username for device in _devices(old)), {})
        lines = self.lines.changed((line.number for line in _lines(old)), {})
        faults = (*_customer_faults(listed, self.plan), *_collisions(listed, devices, lines))
        if faults:
            raise DirectoryError(faults)
        return replace(
            self,
            customers=self.customers.changed(left, {each.contract: each for each in listed}),
            devices=devices.changed((), {device.username: device for device in _devices(listed)}),
            lines=lines.changed((), {line.number: line for line in _lines(listed)}),
        )

    def with_trunks(
        self, trunks: Iterable[Trunk], routes: Iterable[CarrierRoute] = ()
    ) -> "Directory":
        """Return a snapshot with other trunks and the same customers; raise `DirectoryError`."""
        return replace(
            Directory.build((), trunks, routes, self.plan),
            customers=self.customers,
            devices=self.devices,
            lines=self.lines,
        )

    def device(self, username: str) -> Device | None:
        """Find a device by the user name of its credentials."""
        return self.devices.get(username)

    def line(self, number: str) -> Line | None:
        """Find a number in E.164, in service or not."""
        return self.lines.get(number)

    def customer(self, contract: str) -> Customer | None:
        """Find a customer by its contract."""
        return self.customers.get(contract)

    def by_extension(self, contract: str, extension: str) -> Device | None:
        """Find the device that a contract reaches under an extension."""
        customer = self.customers.get(contract)
        return None if customer is None else customer.by_extension(extension)

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
        size = f"{len(self.devices)} devices, {len(self.lines)} numbers"
        return f"<Directory {len(self.customers)} customers, {size}, {len(self.trunks)} trunks>"


def _devices(customers: Iterable[Customer]) -> Iterator[Device]:
    return (device for customer in customers for device in customer.devices)


def _lines(customers: Iterable[Customer]) -> Iterator[Line]:
    return (line for customer in customers for line in customer.all_lines())


def _collisions(
    customers: Iterable[Customer], devices: Mapping[str, Device], lines: Mapping[str, Line]
) -> Iterator[str]:
    """Name what customers want and others have."""
    for customer in customers:
        for device in customer.devices:
            if device.username in devices:
                owner = devices[device.username].contract
                yield f"the user name {device.username} belongs to contract {owner}"
        for line in customer.all_lines():
            if line.number in lines:
                owner = lines[line.number].contract
                yield f"the number {line.number} belongs to contract {owner}"


def _customer_faults(customers: tuple[Customer, ...], plan: DialPlan) -> tuple[str, ...]:
    faults = [
        *_repeated("the contract {}", (customer.contract for customer in customers)),
        *_repeated("the user name {}", (device.username for device in _devices(customers))),
        *_repeated("the number {}", (line.number for line in _lines(customers))),
        *_repeated(
            "the extension {}",
            (f"{each.extension} of contract {each.contract}" for each in _devices(customers)),
        ),
    ]
    for customer in customers:
        faults += _faults_of(customer)
        for device in customer.devices:
            faults += plan.extension_faults(device.extension)
    return tuple(faults)


def _faults_of(customer: Customer) -> Iterator[str]:
    """Name what a customer contradicts in itself."""
    lines = {line.number: line for line in customer.all_lines()}
    devices = {device.username: device for device in customer.devices}
    for device in customer.devices:
        if device.contract != customer.contract:
            yield f"the device {device.username} is not of contract {customer.contract}"
        if lines[device.number].is_representative:
            yield f"the number {device.number} is direct and representative at once"
        yield from _presentation_faults(device, lines)
        yield from (f"{device.username} {fault}" for fault in device.handling.faults())
    for line in lines.values():
        if line.contract != customer.contract:
            yield f"the number {line.number} is not of contract {customer.contract}"
        yield from _line_faults(line, devices)


def _line_faults(line: Line, devices: Mapping[str, Device]) -> Iterator[str]:
    if not _is_inner_form(line.number):
        yield f"the number {line.number} of contract {line.contract} is not in E.164"
    for ringer in line.ringers:
        if ringer.username not in devices:
            yield f"the number {line.number} rings {ringer.username}, who is not there"
    rung = [devices[each.username].number for each in line.ringers if each.username in devices]
    if not line.is_representative and rung != [line.number]:
        yield f"the direct number {line.number} is not the one of the ID that it rings"
    delay = line.voicemail_delay
    if delay is not None and not 1 <= delay <= MAX_VOICEMAIL_DELAY:
        yield f"voicemail answers {line.number} after {delay:g} s, which is not 1 to 180"


def _presentation_faults(device: Device, lines: Mapping[str, Line]) -> Iterator[str]:
    """Name why an ID can't present the number of its setting."""
    if device.caller_id in {None, device.number}:
        return
    line = lines.get(device.caller_id or "")
    if line is None:
        yield f"{device.username} presents {device.caller_id}, which its contract does not hold"
    elif not line.is_assigned(device.username):
        yield f"{device.username} presents {line.number}, which is not assigned to it"


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
