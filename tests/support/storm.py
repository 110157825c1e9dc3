"""A storm: many calls at once over a bad network, each with a random course, and what must hold after it.

A storm is played in batches. Each batch is a world of its own with a seed of its own, so that a failing
batch is replayed alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from switch.sip.flow import Transport
from tests.support.call import SimulatedCall
from tests.support.chance import Chance
from tests.support.manner import Habits, Manner
from tests.support.network import Link
from tests.support.outgoing_call import OutgoingCall
from tests.support.switch import PHONES, World

CALLS_A_BATCH = 20
SPREAD = 20.0
"""Seconds over which the calls of a batch begin."""

WEATHER = Link(delay=0.015, jitter=0.060, loss=0.05, duplication=0.05)
"""Worse than any network on which anybody would phone."""

REACHABLE = ("101", "102", "103", "0312340001", "0612340001", "0398765432", "09087654321")

NUMBERS = {name: number for name, (_, _, number, _) in PHONES.items()}


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
        self.world = World(seed, records=records)
        self.report = BatchReport(seed, calls)
        self._chance = Chance(seed, "storm")
        self._outgoing: list[OutgoingCall] = []
        self.world.network.watch(self._count)

    def _count(self, _: object) -> None:
        self.report.messages += 1

    def play(self) -> BatchReport:
        """Register, let it storm, wait for the calm, and look at what is left."""
        self._prepare()
        for _ in range(self.report.calls):
            self.world.at(self._chance.uniform(0, SPREAD), self._begin_call)
        self.world.run(SPREAD + 60.0)
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

    def _habits(self) -> Habits:
        chance = self._chance
        return Habits(
            supports_100rel=chance.happens(0.3),
            session_expires=chance.choice((None, None, 90, 1800)),
            refresher=chance.choice(("", "uac", "uas")),
            refresh_method=chance.choice(("INVITE", "UPDATE")),
            keeps_nonce=chance.happens(0.3),
            acks_skipped=chance.choice((0, 0, 0, 1)),
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
        )

    def _begin_call(self) -> None:
        chance, world = self._chance, self.world
        for agent in (*world.phones.values(), *world.trunks.values()):
            agent.manner = self._manner()
        described = chance.happens(0.85)
        if chance.happens(0.2):
            carrier = chance.choice(list(world.trunks.values()))
            number = "0" + chance.choice(list(NUMBERS.values()))[3:]
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
        what = self._chance.choice(("hold", "resume", "reinvite", "update", "ask"))
        is_callers = self._chance.happens(0.5)

        def happen() -> None:
            side = call if is_callers else self._partner(call)
            if side is None or not side.is_established or side.is_changing:
                return
            match what:
                case "hold":
                    side.hold()
                case "resume":
                    side.resume()
                case "reinvite":
                    side.reinvite()
                case "update":
                    side.update(direction="sendrecv")
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
        report.faults += world.faults()
        media = world.switch.media
        if media.allocations != media.releases:
            report.faults.append(
                f"{media.allocations} endpoints allocated, {media.releases} released"
            )
        for call in self._outgoing:
            final = call.final or 0
            report.finals[final] = report.finals.get(final, 0) + 1
            report.answered += final == 200
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
