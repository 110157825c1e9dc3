"""What becomes of a live call is what was decided for it beforehand, whoever calls whom.

Contracts, registrations and calls are drawn at random. Before each call the decision is explained,
as the operator's command would, with the standing of that moment; afterwards those who were called
and what the caller heard are held against it. Nobody outside the called contract ever rings.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from routing import explain
from routing.customer import Customer
from routing.decision import Attempt, Decision, Out, Refuse, Ring, Serve, Service
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.limit import LimitKey, LimitKind
from routing.line import Line, LineKind, Ringer, WhenFull
from routing.route import route
from routing.standing import AssumedStanding
from routing.trunk import Trunk
from tests.support.chance import Chance
from tests.support.manner import NEVER_ANSWERS
from tests.support.phone import SimulatedPhone
from tests.support.switch import WALL_OFFSET, Place, World, credentials, trunks
from tests.support.trunk import SimulatedTrunk

CALLS = 12
"""Calls of one world, in which channels fill up."""


@dataclass
class Town:
    """Contracts drawn at random, and where their phones stand."""

    directory: Directory
    places: Mapping[str, Place]


def draw(chance: Chance) -> Town:
    """Draw one to three contracts of one to five IDs."""
    places: dict[str, Place] = {}
    customers = [_contract(chance, number, places) for number in range(chance.randint(1, 3))]
    limits = (chance.choice((None, None, 1, 2)) for _ in range(2))
    carriers = (
        replace(trunk, max_calls=limit) for trunk, limit in zip(trunks(), limits, strict=True)
    )
    return Town(Directory.build(customers, carriers), places)


def _contract(chance: Chance, number: int, places: dict[str, Place]) -> Customer:
    name = f"contract-{number}"
    names = [f"phone-{number}-{index}" for index in range(chance.randint(1, 5))]
    numbers = [f"+8139876{number}{index:03}" for index in range(chance.randint(0, 2))]
    lines = tuple(_line(chance, each, name, names) for each in numbers)
    for index, username in enumerate(names):
        direct, host = f"+8131234{number}{index:03}", f"192.0.2.{10 + 10 * number + index}"
        places[username] = (name, f"20{index}", direct, host)
    return Customer(
        name,
        tuple(_device(chance, username, places[username], lines) for username in names),
        lines,
        max_calls=chance.choice((None, None, None, 3)),
        rejected=frozenset({"+819012345678"}) if chance.happens(0.1) else frozenset(),
        is_suspended=chance.happens(0.05),
    )


def _device(chance: Chance, username: str, place: Place, lines: tuple[Line, ...]) -> Device:
    assigned = [line.number for line in lines if line.is_assigned(username)]
    return Device(
        username,
        *place[:3],
        username.title(),
        chance.choice(list(DeviceKind)),
        credentials(username),
        caller_id=chance.choice((None, *assigned)),
        max_calls=chance.choice((None, None, 1)),
    )


def _line(chance: Chance, number: str, contract: str, names: list[str]) -> Line:
    chosen = chance.sample(names, chance.randint(1, len(names)))
    return Line(
        number, contract, LineKind.REPRESENTATIVE,
        tuple(Ringer(name, rings=chance.happens(0.8)) for name in chosen),
        name="本社",
        when_full=chance.choice(list(WhenFull)),
        voicemail_delay=chance.choice((None, None, 10.5)),
    )  # fmt: skip


def standing_of(world: World) -> AssumedStanding:
    """Tell an explanation how things stand: who is registered, and who is in calls."""
    leases, locations = world.switch.core.dispatcher.leases, world.switch.core.locations
    away = {name for name in world.directory.devices if locations.reach(name) is None}
    held = {key: leases.held(key) for key in _keys(world.directory)}
    full = {
        trunk.name
        for trunk in world.directory.trunks
        if trunk.max_calls is not None
        and held[LimitKey(LimitKind.TRUNK, trunk.name)] >= trunk.max_calls
    }
    return AssumedStanding(unregistered=away, in_progress=held, unhealthy=full)


def _keys(directory: Directory) -> Iterator[LimitKey]:
    yield from (LimitKey(LimitKind.NUMBER, each) for each in directory.lines)
    yield from (LimitKey(LimitKind.DEVICE, each) for each in directory.devices)
    yield from (LimitKey(LimitKind.CONTRACT, each) for each in directory.customers)
    yield from (LimitKey(LimitKind.TRUNK, each.name) for each in directory.trunks)


class Trial:
    """One call: explained, made, and held against its explanation."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world = world
        origins: list[Device | Trunk] = [
            *(each for name, each in world.directory.devices.items() if self._is_there(name)),
            *world.directory.trunks,
        ]
        self._origin = chance.choice(origins)
        self._called = chance.choice(self._targets())
        self.hang_up: Callable[[], None]
        self.decision: Decision

    def _is_there(self, username: str) -> bool:
        return self._world.switch.core.locations.reach(username) is not None

    def _targets(self) -> list[str]:
        own = ["0" + number[3:] for number in self._world.directory.lines]
        if isinstance(self._origin, Trunk):
            return [*own, "0399999999"]
        return [*own, "200", "201", "0398761234", "1840398761234", "110", "01015551234", "99"]

    def run(self) -> None:
        """Explain the call, make it, and let the first stage ring."""
        world, origin = self._world, self._origin
        agent = self._caller()
        presented = "+819012345678" if isinstance(origin, Trunk) else agent.name
        at = WALL_OFFSET + world.network.now
        attempt = Attempt(origin, self._called, at, presented=presented)
        self.decision = route(attempt, world.directory, standing_of(world))
        if isinstance(agent, SimulatedTrunk):
            call = agent.call_in(self._called)
        else:
            call = agent.call(self._called)
        self.hang_up = call.hang_up
        before = {each.name: len(each.calls) for each in self._agents()}
        world.run(1.0)
        rung = {each.name for each in self._agents() if len(each.calls) > before[each.name]}
        assert rung == self._expected(), self
        assert call.final == self._status(), self
        assert all(self._is_of_called_contract(name) for name in rung), self

    def _caller(self) -> SimulatedPhone:
        if isinstance(self._origin, Trunk):
            return self._world.trunks[self._origin.name]
        return self._world.phones[self._origin.username]

    def _agents(self) -> tuple[SimulatedPhone, ...]:
        return (*self._world.phones.values(), *self._world.trunks.values())

    def _expected(self) -> set[str]:
        """Tell who is called first."""
        match self.decision.outcome:
            case Ring(stages):
                return {device.username for device in stages[0]}
            case Out(trunks=(first, *_)):
                return {first.name}
            case _:
                return set()

    def _status(self) -> int | None:
        """Tell what the caller hears, whom no person answers; one service is there."""
        match self.decision.outcome:
            case Refuse(status):
                # 503 would turn the caller away from this switch (RFC 3261 section 16.7).
                return 500 if status == 503 else status
            case Serve(Service.BUSY_ANNOUNCEMENT):
                return 200
            case Serve():
                return 480
            case _:
                return None

    def _is_of_called_contract(self, name: str) -> bool:
        device = self._world.directory.devices.get(name)
        if device is None:
            return isinstance(self.decision.outcome, Out)
        if self._called in {"200", "201"}:
            return isinstance(self._origin, Device) and device.contract == self._origin.contract
        line = self._world.directory.lines["+81" + self._called[1:]]
        return device.contract == line.contract

    def __repr__(self) -> str:
        said = "\n".join(explain.lines(self.decision))
        return f"{self._origin} called {self._called}\n{said}"


@pytest.mark.parametrize("seed", range(40))
def test_a_live_call_becomes_what_was_explained_and_nobody_else_rings(seed: int) -> None:
    chance = Chance("town", seed)
    town = draw(chance)
    world = World(seed, directory=town.directory, places=town.places)
    for agent in (*world.phones.values(), *world.trunks.values()):
        agent.manner = NEVER_ANSWERS
    present = [name for name in town.places if chance.happens(0.8)]
    if present:
        world.register(*present)
    trials = []
    for _ in range(CALLS):
        trials.append(Trial(world, chance))
        trials[-1].run()
        if chance.happens(0.4):
            chance.choice(trials).hang_up()
            world.run(0.2)
    for trial in trials:
        trial.hang_up()
    world.expect_clean()
