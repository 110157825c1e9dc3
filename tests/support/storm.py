"""A storm: many calls at once over a bad network, each of random course, and what must hold.

A storm is played in batches. Each batch is a world of its own with a seed of its own, so that a
failing batch is replayed alone. Some phones are broken: they never acknowledge, never answer BYE,
refuse after they answered, lose their connection, or vanish; and somebody sends garbled messages.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from routing.customer import Customer
from routing.device import DeviceKind
from routing.directory import Directory
from routing.line import Line, LineKind, Ringer
from switch.command import HangUp
from switch.sip.flow import Address, Flow, Transport
from tests.support.call import NOWHERE, SimulatedCall
from tests.support.chance import Chance
from tests.support.manner import Habits, Manner
from tests.support.network import Link, SimulatedNetwork
from tests.support.outgoing_call import OutgoingCall
from tests.support.passage import Passage
from tests.support.switch import PHONES, SWITCH, World, device, trunks

CALLS_A_BATCH = 20
SPREAD = 20.0
"""Seconds over which the calls of a batch begin."""

WEATHER = Link(delay=0.015, jitter=0.060, loss=0.05, duplication=0.05)
"""Worse than any network on which anybody would phone."""

REPRESENTATIVE = "+81398765000"
"""Shared by the first contract: two fixed phones and an app."""

REACHABLE = (
    "101", "102", "103", "0312340001", "0612340001", "0398765000", "0398765432", "09087654321",
)  # fmt: skip

NUMBERS = {name: number for name, (_, _, number, _) in PHONES.items()}


LONGEST_SESSION = 4000.0
"""Seconds after which session timers have found every phone that vanished."""


def _directory() -> Directory:
    """Let two fixed phones and an app share a number, of which two of them present it."""
    devices = [
        replace(device("alice"), caller_id=REPRESENTATIVE),
        device("bob"),
        replace(device("carol"), kind=DeviceKind.APP, caller_id=REPRESENTATIVE),
    ]
    ringers = tuple(Ringer(each.username) for each in devices)
    line = Line(REPRESENTATIVE, "contract-1", LineKind.REPRESENTATIVE, ringers, "本社")
    customers = (
        Customer("contract-1", tuple(devices), (line,)),
        Customer("contract-2", (device("dave"),)),
    )
    return Directory.build(customers, trunks())


class Garbler:
    """Somebody who sends the switch what others sent it, spoiled."""

    name = "garbler"

    def __init__(self, network: SimulatedNetwork, chance: Chance) -> None:
        self._network = network
        self._chance = chance
        self._address = Address("192.0.2.66", 5060)
        self._seen: list[bytes] = []
        network.attach(self, self._address)
        network.watch(self._see)

    def _see(self, passage: Passage) -> None:
        if passage.source != self.name and len(self._seen) < 200:
            self._seen.append(passage.octets)

    def send(self) -> None:
        """Send a message in which a few octets are wrong, or the end is missing."""
        chance = self._chance
        # An own branch: who knows another's branch is on its path, and could do anything.
        octets = bytearray(chance.choice(self._seen).replace(b"z9hG4bK", b"z9hG4bK-garbled"))
        for _ in range(chance.choice((0, 1, 2, 10))):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        kept = chance.randrange(len(octets)) if chance.happens(0.3) else len(octets)
        flow = Flow(Transport.UDP, self._address, SWITCH)
        self._network.transmit(self.name, bytes(octets[:kept]), flow)

    def arrive(self, octets: bytes, flow: Flow) -> None:
        """Ignore what comes back."""

    def lose_flow(self, flow: Flow, reason: str) -> None:
        """Ignore it."""


@dataclass(slots=True)
class BatchReport:
    """What became of a batch."""

    seed: str
    calls: int = 0
    answered: int = 0
    messages: int = 0
    finals: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Batch:
    """One world and its calls."""

    def __init__(self, seed: str, calls: int = CALLS_A_BATCH, *, records: bool = False) -> None:
        self.world = World(seed, directory=_directory(), records=records)
        self.report = BatchReport(seed, calls)
        self._chance = Chance(seed, "storm")
        self._outgoing: list[OutgoingCall] = []
        self._vanished = ""
        self._garbler = Garbler(self.world.network, self._chance)
        self.world.network.watch(self._count)

    def _count(self, _: object) -> None:
        self.report.messages += 1

    def play(self) -> BatchReport:
        """Register, let it storm, wait for the calm, and look at what is left."""
        self._prepare()
        for _ in range(self.report.calls):
            self.world.at(self._chance.uniform(0, SPREAD), self._begin_call)
        self._plan_accidents()
        self.world.run(SPREAD + 60.0)
        if self._vanished:
            self.world.run(LONGEST_SESSION)
        self._hang_up_everything()
        self.world.network.set_links(Link())
        self.world.settle()
        self._judge()
        return self.report

    def _prepare(self) -> None:
        chance, world = self._chance, self.world
        for phone in world.phones.values():
            phone.transport = Transport.TCP if chance.happens(0.15) else Transport.UDP
            phone.habits = self._habits()
        for carrier in world.trunks.values():
            carrier.habits = self._habits()
        world.register()
        world.network.set_links(WEATHER)
        if chance.happens(0.2):
            world.switch.media.capacity = 10
        if chance.happens(0.2):
            world.switch.media.delay = chance.uniform(0.0, 0.7)

    def _plan_accidents(self) -> None:
        """Let connections close, a phone vanish, an operator hang up, and garbled messages come."""
        chance, world = self._chance, self.world
        for _ in range(chance.choice((0, 0, 1, 3))):
            world.at(chance.uniform(0, SPREAD), self._close_a_connection)
        if chance.happens(0.1):
            self._vanished = chance.choice(list(PHONES))
            phone = world.phones[self._vanished]
            world.at(chance.uniform(0, SPREAD), phone.disappear)
        if chance.happens(0.2):
            world.at(chance.uniform(0, SPREAD), self._let_operator_hang_up)
        for _ in range(chance.choice((0, 1, 4))):
            world.at(chance.uniform(0, SPREAD), self._open_an_app)
        for _ in range(chance.choice((0, 5, 20))):
            world.at(chance.uniform(0, SPREAD), self._garbler.send)

    def _close_a_connection(self) -> None:
        network = self.world.network
        if not network.connections():
            return
        network.close(self._chance.choice(network.connections()))
        for phone in self.world.phones.values():
            if phone.transport is Transport.TCP:
                self.world.witness.excused.add(phone.name)
                network.after(1.0, lambda phone=phone: phone.register(3600))  # type: ignore[misc]

    def _open_an_app(self) -> None:
        """Let the app, or a phone that comes back, register while calls may ring."""
        phone = self.world.phones[self._chance.choice(("carol", "carol", "alice"))]
        if phone.name != self._vanished:
            phone.register(3600)

    def _let_operator_hang_up(self) -> None:
        for call_id in list(self.world.switch.core.dispatcher.calls)[:2]:
            self.world.switch.command(HangUp(call_id))

    def _habits(self) -> Habits:
        chance = self._chance
        return Habits(
            supports_100rel=chance.happens(0.3),
            session_expires=chance.choice((None, None, 90, 1800)),
            refresher=chance.choice(("", "uac", "uas")),
            refresh_method=chance.choice(("INVITE", "UPDATE")),
            keeps_nonce=chance.happens(0.3),
            acks_skipped=chance.choice((0, 0, 0, 0, 0, 1, 1, 10_000)),
            answers_bye=not chance.happens(0.03),
            answers_updates=not chance.happens(0.1),
        )

    def _manner(self) -> Manner:
        chance = self._chance
        return Manner(
            ring_after=chance.choice((0.0, 0.0, 0.1, 1.0)),
            ring_status=chance.choice((180, 180, 183)),
            ring_described=chance.happens(0.3),
            reliable=chance.happens(0.3),
            answer_after=chance.choice((None, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)),
            answer_status=chance.choice((*(200,) * 12, 486, 603, 503, 480, 302)),
            hang_up_after=chance.choice((None, None, 0.1, 2.0, 8.0)),
            forks=chance.happens(0.05),
            rings_twice=chance.happens(0.05),
            is_mute=chance.happens(0.03),
            second_status=486 if chance.happens(0.03) else None,
        )

    def _begin_call(self) -> None:
        chance, world = self._chance, self.world
        for agent in (*world.phones.values(), *world.trunks.values()):
            agent.manner = self._manner()
        described = chance.happens(0.85)
        if chance.happens(0.2):
            carrier = chance.choice(list(world.trunks.values()))
            number = "0" + chance.choice((*NUMBERS.values(), *[REPRESENTATIVE] * 3))[3:]
            call = carrier.call_in(number, described=described)
        else:
            name = chance.choice(list(PHONES))
            call = world.phones[name].call(self._target(), described=described)
        self._outgoing.append(call)
        for _ in range(chance.choice((0, 0, 1, 2, 3))):
            world.network.after(chance.uniform(1, 12), self._event(call))
        if chance.happens(0.7):
            world.network.after(chance.uniform(0, 20), call.hang_up)

    def _target(self) -> str:
        targets = [*REACHABLE * 4, "299", "nobody"]
        return self._chance.choice(targets)

    def _event(self, call: OutgoingCall) -> Callable[[], None]:
        """Return something that happens in the middle of a call, on either side."""
        what = self._chance.choice(
            ("hold", "resume", "recode", "reinvite", "update", "ask", "withdraw", "press")
        )
        is_callers = self._chance.happens(0.5)
        way = self._chance.choice(("sendonly", "inactive", NOWHERE))
        payloads = self._chance.choice(((0, 101), (0, 8), (0, 8, 101)))

        def happen() -> None:
            side = call if is_callers else self._partner(call)
            if side is None or not side.is_established or side.is_changing:
                return
            match what:
                case "hold":
                    side.hold(way)
                case "resume":
                    side.resume()
                case "recode":
                    side.recode(payloads)
                case "reinvite":
                    side.reinvite()
                case "update":
                    side.update(direction="sendrecv")
                case "press":
                    side.press("5")
                case "withdraw":
                    side.recode(payloads)
                    self.world.network.after(0.05, side.withdraw)
                case _:
                    side.reinvite(described=False)

        return happen

    def _partner(self, call: OutgoingCall) -> SimulatedCall | None:
        """Find the other side: a call whose media goes where this one's comes from."""
        agents = (*self.world.phones.values(), *self.world.trunks.values())
        calls = (other for agent in agents for other in agent.calls if not other.is_outgoing)
        return next((other for other in calls if any(self.world.talks(call, other))), None)

    def _hang_up_everything(self) -> None:
        for agent in (*self.world.phones.values(), *self.world.trunks.values()):
            for call in agent.calls:
                call.hang_up()

    def _judge(self) -> None:
        report, world = self.report, self.world
        gone = (f"<Call of {self._vanished} ", f"{self._vanished}: ") if self._vanished else ()
        report.faults += [fault for fault in world.faults() if not fault.startswith(gone)]
        media = world.switch.media
        if media.allocations != media.releases:
            report.faults.append(
                f"{media.allocations} endpoints allocated, {media.releases} released"
            )
        for call in self._outgoing:
            final = call.final or 0
            report.finals[final] = report.finals.get(final, 0) + 1
            report.answered += final == 200
            if self._vanished == call.phone.name:
                continue
            if sum(status >= 200 for status in call.statuses) != 1:
                report.faults.append(f"{call!r} has not exactly one final response")


def batches(calls: int) -> Iterator[tuple[int, int]]:
    """Divide calls among batches: yield each batch's number and how many calls it has."""
    for number in range(-(-calls // CALLS_A_BATCH)):
        yield number, min(CALLS_A_BATCH, calls - number * CALLS_A_BATCH)


def play(seed: int, number: int, calls: int = CALLS_A_BATCH, *, records: bool = False) -> Batch:
    """Play one batch of a storm and return it, its report filled in."""
    batch = Batch(f"{seed}/{number}", calls, records=records)
    batch.play()
    return batch
