"""Recordings of what a switch meets; seeded tokens let them replay octet for octet."""

from collections import deque
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random

from bench.party import DOMAIN, PASSWORD, SWITCH, Callee, Caller, Registrant
from media.plane import (
    Allocate,
    Allocated,
    MediaAddress,
    MediaReport,
    Release,
    Released,
    StreamCounters,
)
from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.trunk import Trunk
from switch.core import CoreOutput, CoreSettings, SwitchCore
from switch.effect import Resolve, Resolved
from switch.guard.admission import Limits
from switch.sip.digest import Algorithm, ha1
from switch.sip.effect import Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.sip.parser import parse
from switch.sip.stack import Listener
from switch.sip.token import SeededTokens

WALL_OFFSET = 1_800_000_000.0
CARRIER = "203.0.113.1"
PHONES = {"alice": ("101", "+81312340001"), "bob": ("102", "+81312340002")}
SETTLED = 100.0
"""Seconds after which no transaction of the recording lives."""

_COUNTERS = (StreamCounters(50, 8600, 50, 8600, 0, 0, 0.5, 1, 0),)


@dataclass(slots=True)
class Step:
    """Something that happens to the core: a message, a report, or the time that has come."""

    at: float
    what: tuple[bytes, Flow] | MediaReport | Resolved | None


@dataclass(slots=True)
class Recording:
    """Steps, how many units of work they hold, and the digest of what the switch sent."""

    units: int
    begin: int = 0
    """The first step that counts; those before it only prepare."""
    steps: list[Step] = field(default_factory=list)
    digest: str = ""


def make_core() -> SwitchCore:
    """Make the switch of every recording: two phones of one contract, one trunk."""
    devices = [
        Device(
            name,
            "contract-1",
            extension,
            number,
            name.title(),
            DeviceKind.FIXED,
            {str(each): ha1(each, name, DOMAIN, PASSWORD) for each in Algorithm},
        )
        for name, (extension, number) in PHONES.items()
    ]
    trunk = Trunk(
        "carrier",
        CARRIER,
        5060,
        Transport.UDP,
        addresses=(CARRIER,),
        options_interval=None,
    )
    settings = CoreSettings(
        listeners=(Listener(Transport.UDP, SWITCH, SWITCH),),
        domain=DOMAIN,
        nonce_secret=b"of the recording",
        limits=Limits(requests_per_second=1e5, request_burst=1_000_000),
    )
    tokens = SeededTokens(Random(1))  # noqa: S311 - a recording has to repeat
    return SwitchCore(
        settings, Directory.build(plain_customers(devices), [trunk]), tokens, WALL_OFFSET
    )


def perform(core: SwitchCore, step: Step) -> list[CoreOutput]:
    """Let a step happen."""
    what = step.what
    if what is None:
        return core.expire(step.at)
    if isinstance(what, tuple):
        return core.receive(parse(what[0]), what[1], step.at)
    return core.report(what, step.at)


class Stage:
    """A switch and its far sides; everything that reaches the switch is written down."""

    def __init__(self, units: int) -> None:
        self.recording = Recording(units)
        self._core = make_core()
        self._now = 0.0
        self._due: deque[tuple[bytes, Flow] | MediaReport | Resolved] = deque()
        self._hash = blake2b()
        self._ports = 16384
        self.alice = Caller("alice", "192.0.2.11", self._send)
        self.bob = Callee("bob", "192.0.2.12", self._send)
        self.carrier = Caller("0312345678", CARRIER, self._send)
        self.registrant = Registrant("alice", "192.0.2.11", self._send)
        self._parties: dict[str, Caller | Registrant] = {
            "192.0.2.11": self.alice,
            "192.0.2.12": self.bob,
            CARRIER: self.carrier,
        }
        self._take(self._core.start(self._now))
        self.bob.register()
        self.run(0.0)

    def begin(self) -> None:
        """Count from here."""
        self.recording.begin = len(self.recording.steps)

    def registers(self) -> None:
        """Let the address of the calling phone be that of a phone that only registers."""
        self._parties["192.0.2.11"] = self.registrant

    def run(self, seconds: float) -> None:
        """Let everything happen that was caused, then let time pass."""
        while self._due:
            self._happen(self._due.popleft())
        end = self._now + seconds
        while (deadline := self._core.next_deadline()) is not None and deadline <= end:
            self._now = max(deadline, self._now)
            self._happen(None)
        self._now = end

    def end(self) -> Recording:
        """Let every transaction end."""
        self.run(SETTLED)
        self.recording.digest = self._hash.hexdigest()
        return self.recording

    def _send(self, octets: bytes, flow: Flow) -> None:
        self._due.append((octets, flow))

    def _happen(self, what: tuple[bytes, Flow] | MediaReport | Resolved | None) -> None:
        step = Step(self._now, what)
        self.recording.steps.append(step)
        self._take(perform(self._core, step))

    def _take(self, outputs: list[CoreOutput]) -> None:
        for output in outputs:
            match output:
                case Transmit(octets, flow):
                    self._hash.update(octets)
                    self._parties[flow.remote.host].receive(octets)
                case Allocate(endpoint, _, streams):
                    self._due.append(Allocated(endpoint, tuple(map(self._port, range(streams)))))
                case Release(endpoint):
                    self._due.append(Released(endpoint, _COUNTERS))
                case Resolve(token, target):
                    found = (Transport.UDP, Address(target.host, 5060))
                    self._due.append(Resolved(token, (found,)))
                case _:
                    pass

    def _port(self, _stream: int) -> MediaAddress:
        self._ports = 16384 + (self._ports - 16384 + 2) % 16384
        return MediaAddress(SWITCH.host, self._ports, self._ports + 1)


def record_challenged_calls(units: int) -> Recording:
    """Record calls from phone to phone, each INVITE challenged."""
    stage = Stage(units)
    stage.begin()
    for _ in range(units):
        stage.alice.call("102")
        stage.run(0.001)
    return stage.end()


def record_trunk_calls(units: int) -> Recording:
    """Record calls from a carrier to a phone, which are not challenged."""
    stage = Stage(units)
    stage.begin()
    for _ in range(units):
        stage.carrier.call("+81312340002")
        stage.run(0.001)
    return stage.end()


def record_registrations(units: int) -> Recording:
    """Record REGISTERs, each challenged."""
    stage = Stage(units)
    stage.registers()
    stage.begin()
    for _ in range(units):
        stage.registrant.register()
        stage.run(0.001)
    return stage.end()
