"""Measure routing in process: a decision with 100,000 numbers, and what their directory costs.

Run as `python bench/route.py`; prints one JSON object. Every call is between other numbers, so that
no cache helps more than it does in a day's traffic.
"""

import gc
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from routing.customer import Customer
from routing.decision import Attempt
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.line import Line, LineKind, Ringer
from routing.route import route
from routing.standing import AssumedStanding
from routing.trunk import Trunk

NUMBERS = 100_000
IDS = 5
"""Devices of a contract: two fixed phones, three apps, and one number that they share."""

CALLS = 20_000
NOW = 1.8e9
TRUNKS = (Trunk("one", "192.0.2.1", priority=1), Trunk("two", "192.0.2.2", priority=2))


def customer(index: int) -> Customer:
    """Make a contract of the bench."""
    name = f"c{index}"
    devices = tuple(
        Device(
            f"u{index}-{each}",
            name,
            str(101 + each),
            f"+813{1000_0000 + index * IDS + each}",
            f"User {each}",
            DeviceKind.FIXED if each < 2 else DeviceKind.APP,
            {"MD5": f"{index * IDS + each:032x}", "SHA-256": f"{index * IDS + each:064x}"},
        )
        for each in range(IDS)
    )
    ringers = tuple(Ringer(device.username) for device in devices)
    shared = f"+816{1000_0000 + index}"
    return Customer(
        name,
        devices,
        (
            Line(
                shared, name, LineKind.REPRESENTATIVE, ringers, after_hours=True, voicemail_delay=20
            ),
        ),
    )


def resident_bytes() -> int:
    """Return the memory of this process that is in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def microseconds(attempts: Iterable[Attempt], directory: Directory) -> float:
    """Return the CPU time of a decision."""
    listed = list(attempts)
    standing = AssumedStanding()
    begun = process_time()
    for attempt in listed:
        route(attempt, directory, standing)
    return round((process_time() - begun) / len(listed) * 1e6, 1)


def main() -> None:
    """Measure and print."""
    gc.disable()
    chance = Random(1)  # noqa: S311 - which numbers call each other, no secret
    before = resident_bytes()
    customers = [customer(index) for index in range(NUMBERS // (IDS + 1))]
    begun = perf_counter()
    directory = Directory.build(customers, TRUNKS)
    load = perf_counter() - begun
    memory = resident_bytes() - before
    swaps = []
    for index in range(9):
        begun = perf_counter()
        directory.with_customer(replace(customers[index], max_calls=10))
        swaps.append(perf_counter() - begun)

    def device() -> Device:
        return chance.choice(chance.choice(customers).devices)

    def shared() -> str:
        return "0" + chance.choice(customers).lines[0].number[3:]

    def stranger() -> str:
        return f"+8190{chance.randint(1000_0000, 9999_9999)}"

    kinds = {
        "extension": (Attempt(device(), "102", NOW) for _ in range(CALLS)),
        "on_net": (Attempt(device(), shared(), NOW) for _ in range(CALLS)),
        "out": (Attempt(device(), "0" + stranger()[3:], NOW) for _ in range(CALLS)),
        "in": (Attempt(TRUNKS[0], shared(), NOW, presented=stranger()) for _ in range(CALLS)),
        "emergency": (Attempt(device(), "110", NOW) for _ in range(CALLS)),
    }
    print(
        json.dumps(
            {
                "numbers": len(directory.lines),
                "decision_us": {
                    name: microseconds(each, directory) for name, each in kinds.items()
                },
                "load_s": round(load, 2),
                "memory_mib": round(memory / 2**20, 1),
                "swap_ms": round(sorted(swaps)[len(swaps) // 2] * 1000, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
