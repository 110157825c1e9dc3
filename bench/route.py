"""Measure routing with 100,000 numbers: a decision, the directory, and a change of contracts.

Run as `python -m bench.route`; prints the rows, or JSON, and `--keep` writes them beside those of
`bench.compare`, which has this section too. Every call is between other numbers, so that no cache
helps more than it does in a day's traffic.
"""

import argparse
import dataclasses
import gc
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

from rich.console import Console

from bench import swap, table
from bench.process import StartError
from bench.table import BASE, Row
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

CONTRACTS = NUMBERS // (IDS + 1)
OFFERED = f"{NUMBERS} numbers"
DECISION, WAIT = "routing decision", "longest wait of a packet"
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


def decisions(customers: list[Customer], directory: Directory) -> Iterator[Row]:
    """Measure a decision about each kind of call."""
    chance = Random(1)  # noqa: S311 - which numbers call each other, no secret

    def device() -> Device:
        return chance.choice(chance.choice(customers).devices)

    def shared() -> str:
        return "0" + chance.choice(customers).lines[0].number[3:]

    def stranger() -> str:
        return f"+8190{chance.randint(1000_0000, 9999_9999)}"

    kinds = {
        "to an extension": (Attempt(device(), "102", NOW) for _ in range(CALLS)),
        "to a number of the switch": (Attempt(device(), shared(), NOW) for _ in range(CALLS)),
        "out": (Attempt(device(), "0" + stranger()[3:], NOW) for _ in range(CALLS)),
        "in, representative number": (
            Attempt(TRUNKS[0], shared(), NOW, presented=stranger()) for _ in range(CALLS)
        ),
        "to 110": (Attempt(device(), "110", NOW) for _ in range(CALLS)),
    }
    for kind, attempts in kinds.items():
        yield _row(f"{DECISION}, {kind}", microseconds(attempts, directory), "µs")


def in_process() -> list[Row]:
    """Measure what needs no switch: the directory's making, its memory, a change, decisions."""
    gc.disable()
    before = resident_bytes()
    customers = [customer(index) for index in range(CONTRACTS)]
    begun = perf_counter()
    directory = Directory.build(customers, TRUNKS)
    load = perf_counter() - begun
    memory = resident_bytes() - before
    swaps = []
    for index in range(9):
        begun = perf_counter()
        directory.with_customer(replace(customers[index], max_calls=10))
        swaps.append(perf_counter() - begun)
    rows = [
        _row("directory made and checked", load, "s"),
        _row("memory of the directory", memory / 2**20, "MiB"),
        _row("directory with one contract changed", median(swaps) * 1000, "ms"),
    ]
    rows += decisions(customers, directory)
    gc.enable()
    return rows


def under_load() -> list[Row]:
    """Measure how long a packet waits for a running switch while contracts change."""
    works = ("nothing changes", "one contract changes", f"{swap.BULK} contracts change at once")
    try:
        found = swap.measure(CONTRACTS, IDS)
    except StartError as error:
        return [_row(f"{WAIT}, {works[0]}", None, "ms", str(error))]
    count = f"{found.late} of {found.answers} answers later than {swap.LATE * 1000:g} ms in all"
    return [
        _row(f"{WAIT}, {works[0]}", found.quiet, "ms", count),
        _row(f"{WAIT}, {works[1]}", found.one, "ms", f"in effect after {found.one_taken:.0f} ms"),
        _row(f"{WAIT}, {works[2]}", found.bulk, "ms", f"in effect after {found.bulk_taken:.0f} ms"),
    ]


def measure() -> list[Row]:
    """Measure everything about routing."""
    return [*in_process(), *under_load()]


def kept_rows(text: str) -> tuple[list[Row], dict[str, str]]:
    """Read the rows and the machine of a run that was kept."""
    kept = json.loads(text)
    fields = {field.name for field in dataclasses.fields(Row)}
    rows = [Row(**{name: each[name] for name in fields}) for each in kept["rows"]]
    return rows, kept["machine"]


def merged(rows: list[Row], fresh: list[Row]) -> list[Row]:
    """Put fresh rows in the place of those of the same works, or at the end."""
    works = {row.work for row in fresh}
    return [*(row for row in rows if row.work not in works), *fresh]


def _row(work: str, value: float | None, unit: str, note: str = "") -> Row:
    return Row(work, BASE, OFFERED, None if value is None else round(value, 4), unit, note)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--keep", action="store_true", help="write the rows beside the other ones")
    chosen = parser.parse_args()
    rows = measure()
    if chosen.keep:
        before, facts = kept_rows(table.LATEST.read_text(encoding="utf-8"))
        table.keep(merged(before, rows), facts)
    if chosen.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2, ensure_ascii=False))
    else:
        Console().print(table.screen(rows))


if __name__ == "__main__":
    main()
