"""A whole switch in a simulated network: core, media plane, records, and who calls over it.

`World` is the stage of the scenarios: three devices of one contract, one of another, two trunks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5, sha256

from media.plane import PlaneReport
from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.trunk import Trunk
from switch.command import Command
from switch.core import CoreOutput, SwitchCore
from switch.effect import (
    ChangeHandling,
    DeleteBinding,
    DeleteBlock,
    Log,
    Resolve,
    Resolved,
    Target,
    TransportFailed,
    WriteBinding,
    WriteBlock,
    WriteCdr,
)
from switch.guard.fraud import FraudSettings
from switch.sip.effect import Transmit
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.sip.parser import parse
from switch.sip.token import SeededTokens
from switch.sip.uas import reject_malformed
from tests.support.call import Phase, SimulatedCall
from tests.support.chance import Chance
from tests.support.core_settings import core_settings
from tests.support.ladder import expect_ladder, ladder
from tests.support.media import SimulatedMediaPlane
from tests.support.network import Event, Link, SimulatedNetwork
from tests.support.passage import Passage
from tests.support.phone import Account, SimulatedPhone
from tests.support.trunk import SimulatedTrunk
from tests.support.witness import Witness

DOMAIN = "example.test"
WALL_OFFSET = 1_800_000_000.0

SWITCH = Address("198.51.100.1", 5060)
SWITCH_IPV6 = Address("2001:db8::1", 5060)
Place = tuple[str, str, str, str]
"""A phone's contract, extension, direct number and host."""

PHONES: Mapping[str, Place] = {
    "alice": ("contract-1", "101", "+81312340001", "192.0.2.11"),
    "bob": ("contract-1", "102", "+81312340002", "192.0.2.12"),
    "carol": ("contract-1", "103", "+81312340003", "192.0.2.13"),
    "dave": ("contract-2", "101", "+81612340001", "192.0.2.14"),
}
TRUNKS = {"carrier-1": Address("203.0.113.1", 5060), "carrier-2": Address("203.0.113.2", 5060)}

STUCK = 1000
"""A core whose deadline stays in the past after so many calls of `expire` would spin for ever."""


def credentials(name: str) -> dict[str, str]:
    """Hash the credentials of a phone."""
    secret = f"{name}:{DOMAIN}:secret".encode()
    return {
        "MD5": md5(secret, usedforsecurity=False).hexdigest(),
        "SHA-256": sha256(secret).hexdigest(),
    }


def device(name: str) -> Device:
    """Make the directory's entry of a phone."""
    contract, extension, number, _ = PHONES[name]
    ha1 = credentials(name)
    return Device(name, contract, extension, number, name.title(), DeviceKind.FIXED, ha1)


def trunk(name: str, priority: int = 0, options_interval: float | None = None) -> Trunk:
    """Make the directory's entry of a trunk, found by name."""
    return Trunk(
        name,
        f"{name}.test",
        addresses=(TRUNKS[name].host,),
        priority=priority,
        options_interval=options_interval,
    )


def trunks(options_interval: float | None = None) -> tuple[Trunk, ...]:
    """Make both trunks; the first is tried first."""
    return tuple(trunk(name, number, options_interval) for number, name in enumerate(TRUNKS))


@dataclass(repr=False)
class SimulatedSwitch:
    """A driver without sockets: it feeds a core and performs what the core asks for."""

    network: SimulatedNetwork
    core: SwitchCore
    hosts: dict[str, Address]
    media: SimulatedMediaPlane = field(init=False)
    name: str = "switch"
    logs: list[tuple[float, Log]] = field(default_factory=list)
    cdrs: list[WriteCdr] = field(default_factory=list)
    bindings: dict[str, WriteBinding] = field(default_factory=dict)
    blocks: dict[tuple[str, str, str], WriteBlock] = field(default_factory=dict)
    changes: list[ChangeHandling] = field(default_factory=list)
    _armed: Event | None = None
    _resting_timers: int = 0
    """Trunks look up their hosts again and again: so many timers run without any call."""

    def __post_init__(self) -> None:
        self.media = SimulatedMediaPlane(self.network, self.report)
        self.network.attach(self, SWITCH, SWITCH_IPV6)

    def __repr__(self) -> str:
        return f"<SimulatedSwitch {self.core!r}, {len(self.cdrs)} records>"

    def start(self) -> None:
        """Begin, as the driver does once its sockets are there."""
        self._perform(self.core.start(self.network.now))
        self.network.run_for(1.0)
        self._resting_timers = self.core.stack.pending_timers

    def arrive(self, octets: bytes, flow: Flow) -> None:
        """Take a message from the network."""
        try:
            message = parse(octets)
        except RemoteProtocolError as error:
            answer = reject_malformed(octets, error, flow.remote)
            if answer is not None:
                self.network.transmit(self.name, answer, flow)
            return
        self._perform(self.core.receive(message, flow, self.network.now))

    def lose_flow(self, flow: Flow, reason: str) -> None:
        """Tell the core that a flow is gone."""
        self.report(TransportFailed(flow, reason))

    def report(self, happening: Resolved | TransportFailed | PlaneReport) -> None:
        """Tell the core what came of an output."""
        self._perform(self.core.report(happening, self.network.now))

    def command(self, command: Command) -> None:
        """Tell the core what an operator asks."""
        self._perform(self.core.command(command, self.network.now))

    def replace_directory(self, directory: Directory) -> None:
        """Give the core another directory."""
        self._perform(self.core.replace_directory(directory, self.network.now))

    def events(self) -> list[str]:
        """Return the names of the log lines so far."""
        return [log.event for _, log in self.logs]

    def logged(self, event: str) -> list[Log]:
        """Return the log lines of an event."""
        return [log for _, log in self.logs if log.event == event]

    def _perform(self, outputs: Iterable[CoreOutput]) -> None:
        for output in outputs:
            self._perform_one(output)
        self._arm()

    def _perform_one(self, output: CoreOutput) -> None:
        match output:
            case Transmit(octets, flow):
                self.network.transmit(self.name, octets, flow)
            case Resolve(token, target):
                found = Resolved(token, self._resolve(target))
                self.network.after(0.001, lambda: self.report(found))
            case Log():
                self.logs.append((self.network.now, output))
            case WriteCdr():
                self.cdrs.append(output)
            case WriteBinding():
                self.bindings[output.device] = output
            case DeleteBinding():
                self.bindings.pop(output.device, None)
            case WriteBlock(holder, name, reach):
                self.blocks[holder, name, reach] = output
            case DeleteBlock(holder, name, reach):
                del self.blocks[holder, name, reach]
            case ChangeHandling():
                self.changes.append(output)
            case _:
                self.media.perform(output)

    def _resolve(self, target: Target) -> tuple[tuple[Transport, Address], ...]:
        address = self.hosts.get(target.host)
        return () if address is None else ((target.transport or Transport.UDP, address),)

    def _arm(self) -> None:
        deadline = self.core.next_deadline()
        if self._armed is not None:
            if self._armed.act is not None and self._armed.at == deadline:
                return
            self._armed.cancel()
        self._armed = None if deadline is None else self.network.at(deadline, self._expire)

    def _expire(self) -> None:
        now = self.network.now
        deadline: float | None = now
        for _ in range(STUCK):
            for output in self.core.expire(now):
                self._perform_one(output)
            deadline = self.core.next_deadline()
            if deadline is None or deadline > now:
                self._arm()
                return
        raise AssertionError(f"the core does not consume its deadline {deadline} at {now}")

    def leftovers(self) -> dict[str, int]:
        """Count what a switch without calls must not hold; all zero is clean."""
        counts = {
            "calls": len(self.core.dispatcher.calls),
            "transactions": len(self.core.stack.layer),
            "usages": self.core.stack.usage_count,
            "timers": max(0, self.core.stack.pending_timers - self._resting_timers),
            "endpoints": len(self.media.endpoints),
            "terminated endpoints": len(self.media.terminals),
            "leases": len(self.core.dispatcher.leases),
            "calls that may be joined": len(self.core.dispatcher._awaited),
        }
        return {name: count for name, count in counts.items() if count}


class World:
    """A switch with its directory, its phones and its trunks on one network."""

    def __init__(
        self,
        seed: str | int = 1,
        link: Link | None = None,
        *,
        directory: Directory | None = None,
        transport: Transport = Transport.UDP,
        records: bool = True,
        bindings: Sequence[WriteBinding] = (),
        blocks: Sequence[WriteBlock] = (),
        fraud: FraudSettings | None = None,
        carrier_password: str | None = None,
        places: Mapping[str, Place] = PHONES,
    ) -> None:
        self.network = SimulatedNetwork(seed, link, records=records)
        self.witness = Witness()
        self.network.watch(self.witness.see)
        self.directory = directory or Directory.build(
            plain_customers(map(device, PHONES)), trunks()
        )
        tokens = SeededTokens(Chance(seed, "switch"))
        settings = replace(core_settings(DOMAIN), fraud=fraud or FraudSettings())
        core = SwitchCore(settings, self.directory, tokens, WALL_OFFSET, bindings, blocks)
        hosts = {f"{name}.test": address for name, address in TRUNKS.items()}
        self.switch = SimulatedSwitch(self.network, core, hosts)
        self.phones = {name: self._phone(name, places[name][3], transport) for name in places}
        self.trunks = {
            name: SimulatedTrunk(self.network, name, address, SWITCH, password=carrier_password)
            for name, address in TRUNKS.items()
        }
        self.switch.start()
        self.begin()

    def replace_phone(
        self,
        name: str,
        address: Address,
        *,
        server: Address = SWITCH,
        claimed: Address | None = None,
    ) -> SimulatedPhone:
        """Put a phone elsewhere: behind a NAT, or on IPv6."""
        account = Account(name, domain=DOMAIN, display_name=name.title())
        phone = SimulatedPhone(self.network, name, address, server, account, claimed=claimed)
        self.phones[name] = phone
        return phone

    def _phone(self, name: str, host: str, transport: Transport) -> SimulatedPhone:
        account = Account(name, domain=DOMAIN, display_name=name.title())
        return SimulatedPhone(
            self.network, name, Address(host, 5060), SWITCH, account, transport=transport
        )

    @property
    def alice(self) -> SimulatedPhone:
        """The phone with extension 101."""
        return self.phones["alice"]

    @property
    def bob(self) -> SimulatedPhone:
        """The phone with extension 102."""
        return self.phones["bob"]

    @property
    def carol(self) -> SimulatedPhone:
        """The phone with extension 103."""
        return self.phones["carol"]

    @property
    def dave(self) -> SimulatedPhone:
        """The phone of the other contract."""
        return self.phones["dave"]

    @property
    def carrier_1(self) -> SimulatedTrunk:
        """The trunk that is tried first."""
        return self.trunks["carrier-1"]

    @property
    def carrier_2(self) -> SimulatedTrunk:
        """The trunk that is tried second."""
        return self.trunks["carrier-2"]

    def register(self, *names: str) -> None:
        """Register phones, all of them by default, and begin the ladder afterwards."""
        for name in names or self.phones:
            self.phones[name].register(3600)
        self.network.run_for(5.0)
        self.begin()

    def begin(self) -> None:
        """Begin the ladder here."""
        self._since: float = self.network.now

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.network.run_for(seconds)

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Let something happen so many seconds after the ladder's beginning."""

        def happen() -> None:
            act()

        self.network.at(self._since + seconds, happen)

    def ladder(self, *hosts: str, keep: Callable[[Passage], bool] = lambda _: True) -> str:
        """Draw what passed since the beginning."""
        return ladder(self.network.passages, hosts, since=self._since, keep=keep)

    def expect(
        self, hosts: str, expected: str, *, keep: Callable[[Passage], bool] = lambda _: True
    ) -> None:
        """Compare what passed since the beginning between hosts named in one text."""
        expect_ladder(self.ladder(*hosts.split(), keep=keep), expected)

    def talks(self, one: SimulatedCall, other: SimulatedCall) -> tuple[bool, bool]:
        """Tell whether sound passes from one side of a call to the other, and back."""
        return self._hears(one, other), self._hears(other, one)

    def hears(self, call: SimulatedCall) -> str | None:
        """Say what a party of a call hears: a sound of the switch or the name of another party."""
        media = self.switch.media
        if call.remote is None:
            return None
        endpoint = media.endpoint_at(call.remote.host, call.remote.port)
        heard = media.hears(endpoint) if endpoint is not None else None
        speaker = media.endpoints.get(heard or "")
        if speaker is None:
            return heard
        far = speaker.directed[0].remote
        for agent in (*self.phones.values(), *self.trunks.values()):
            for each in agent.calls:
                if far is not None and (each.local.host, each.local.port) == (far.host, far.port):
                    return agent.name
        return heard

    def press(self, call: SimulatedCall, digits: str, *, interval: float = 0.1) -> None:
        """Let a party of a call press keys that travel as telephone events (RFC 4733)."""
        if call.remote is not None:
            endpoint = self.switch.media.endpoint_at(call.remote.host, call.remote.port)
            self.switch.media.press(endpoint or "", digits, interval=interval)

    def _hears(self, speaker: SimulatedCall, listener: SimulatedCall) -> bool:
        if speaker.remote is None or speaker.remote.direction in {"sendonly", "inactive"}:
            return False
        to = (speaker.remote.host, speaker.remote.port)
        heard = (listener.local.host, listener.local.port)
        return self.switch.media.destination(*to) == heard

    def settle(self) -> None:
        """Let every call end that is going to, and every timer of transactions run out."""
        self.network.run_until_idle(quiet=40.0)

    def expect_clean(self) -> None:
        """Settle; then nothing is left over, nobody broke a rule, and each call has its records."""
        self.settle()
        faults = self.faults()
        if faults:
            raise AssertionError("\n".join(["the world is not clean", *faults]))

    def faults(self) -> list[str]:
        """Say everything that is wrong once all calls are over."""
        faults = [*self.witness.violations, *self.switch.media.faults]
        for agent in (*self.phones.values(), *self.trunks.values()):
            faults += [f"{agent.name}: {violation}" for violation in agent.violations]
            begun = (call for call in agent.calls if call.is_outgoing or call.statuses)
            faults += [f"{call!r} goes on" for call in begun if call.phase is not Phase.ENDED]
        faults += [f"{count} {name} left over" for name, count in self.switch.leftovers().items()]
        faults += [f"{key} was not answered" for key in self.witness.unanswered()]
        faults += _record_faults(self.switch)
        return faults


def _record_faults(switch: SimulatedSwitch) -> list[str]:
    """Each call that was received has exactly one record for each of its legs."""
    keys = [(cdr.call_id, cdr.leg) for cdr in switch.cdrs]
    faults = [f"record {key} was written twice" for key in set(keys) if keys.count(key) > 1]
    received = {str(log.fields["call_id"]) for log in switch.logged("call_received")}
    recorded = {call_id for call_id, leg in keys if leg == "a"}
    faults += [f"call {call_id} has no record" for call_id in sorted(received - recorded)]
    faults += [f"record of unknown call {call_id}" for call_id in sorted(recorded - received)]
    return faults
