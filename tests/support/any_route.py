"""Any directory, moment and attempt, drawn from a seed: what properties of routing are held to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from routing.customer import Customer
from routing.decision import Attempt
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.limit import LimitKey, LimitKind
from routing.line import FaxMode, Line, LineKind, Ringer, WhenFull
from routing.number import NumberKind
from routing.standing import AssumedStanding
from tests.support.chance import Chance
from tests.support.routed import NOW, ONE, STRANGER, TWO

CONTRACTS = ("c1", "c2")
MOST = 4
"""Devices, and representative numbers, of a contract."""

NUMBERS = [
    f"{area}{contract}00{index}"
    for area in ("+8131234", "+8139876")
    for contract in range(len(CONTRACTS))
    for index in range(MOST)
]
OTHERS = (
    "110", "118", "119", "184110", "186119", "1-1-9", "200", "201", "202", "203", "*1", "**201",
    "*44", "104", "199", "#7119", "hello", "", "0398761111", "01012125551234", "0033010123456",
    "0990123456", "09011112222", "0312",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """A directory at a moment, and calls that are made in it."""

    known: Directory
    standing: AssumedStanding
    unregistered: frozenset[str]
    attempts: tuple[Attempt, ...]


def scene(seed: int, calls: int = 12) -> Scene:
    """Draw a scene."""
    chance = Chance("route", seed)
    trunks = [replace(trunk, numbers=_some(chance, NUMBERS, 3)) for trunk in (ONE, TWO)]
    customers = [_customer(chance, index) for index in range(len(CONTRACTS))]
    known = Directory.build(customers, trunks[: chance.randint(1, 2)])
    unregistered = _some(chance, list(known.devices), MOST)
    return Scene(
        known,
        _standing(chance, known, unregistered),
        unregistered,
        tuple(_attempt(chance, known) for _ in range(calls)),
    )


def _some(chance: Chance, among: Sequence[str], most: int) -> frozenset[str]:
    return frozenset(chance.sample(among, chance.randint(0, min(most, len(among)))))


def _limit(chance: Chance) -> int | None:
    return chance.choice([None, None, 0, 1, 3])


def _customer(chance: Chance, contract: int) -> Customer:
    name = CONTRACTS[contract]
    names = [f"{name}-{index}" for index in range(chance.randint(1, MOST))]
    lines = tuple(_lines(chance, contract, names))
    return Customer(
        name,
        tuple(_device(chance, contract, index, lines) for index in range(len(names))),
        lines,
        max_calls=_limit(chance),
        rejected=_some(chance, [STRANGER, *NUMBERS], 2),
        rejects_anonymous=chance.happens(0.3),
        is_suspended=chance.happens(0.1),
    )


def _lines(chance: Chance, contract: int, names: list[str]) -> Iterator[Line]:
    for index in range(chance.randint(0, MOST)):
        assigned = chance.sample(names, chance.randint(0, len(names)))
        yield Line(
            f"+8139876{contract}00{index}",
            CONTRACTS[contract],
            LineKind.REPRESENTATIVE,
            tuple(Ringer(name, chance.happens(0.7)) for name in assigned),
            in_service_from=chance.choice([-inf, -inf, NOW, NOW + 1, inf]),
            when_full=chance.choice(list(WhenFull)),
            fax=chance.choice([None, None, *FaxMode]),
            after_hours=chance.happens(0.3),
            voicemail_delay=chance.choice([None, 1.0, 180.0]),
        )


def _device(chance: Chance, contract: int, index: int, lines: tuple[Line, ...]) -> Device:
    name = f"{CONTRACTS[contract]}-{index}"
    own = [line.number for line in lines if line.is_assigned(name)]
    return Device(
        name,
        CONTRACTS[contract],
        str(200 + index),
        f"+8131234{contract}00{index}",
        name,
        chance.choice(list(DeviceKind)),
        {},
        barred=frozenset(chance.sample(list(NumberKind), chance.randint(0, 4))),
        countries=chance.choice([None, frozenset({"US"}), frozenset({"GB"})]),
        caller_id=chance.choice([None, *own]),
        max_calls=_limit(chance),
    )


def _standing(chance: Chance, known: Directory, unregistered: frozenset[str]) -> AssumedStanding:
    keys = [LimitKey(LimitKind.NUMBER, number) for number in known.lines]
    keys += [LimitKey(LimitKind.DEVICE, name) for name in known.devices]
    keys += [LimitKey(LimitKind.CONTRACT, name) for name in CONTRACTS]
    return AssumedStanding(
        unregistered=unregistered,
        in_progress={key: chance.randint(0, 5) for key in keys if chance.happens(0.3)},
        unhealthy=_some(chance, ["one", "two"], 2),
        closed=_some(chance, list(known.lines), 4),
        blocks=dict.fromkeys(_some(chance, list(known.devices), 2), "budget spent"),
    )


def _attempt(chance: Chance, known: Directory) -> Attempt:
    origins = (*known.devices.values(), *known.trunks)
    prefix = chance.choice(["", "", "184", "186"])
    number = prefix + "0" + chance.choice(NUMBERS)[3:]
    garbled = "".join(chance.choices("0123456789*#+-", k=chance.randint(0, 14)))
    return Attempt(
        chance.choice(origins),
        chance.choice([number, number, number, chance.choice(OTHERS), garbled]),
        NOW,
        presented=chance.choice([None, STRANGER, "201", chance.choice(NUMBERS)]),
        withhold=chance.happens(0.3),
        is_preferred=chance.happens(0.3),
    )
