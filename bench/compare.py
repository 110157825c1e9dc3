"""Compare the switch with Sippy, Kamailio and rtpengine in one run: `python -m bench.compare`.

Each system runs alone on one core, the generators on another, at the same offered rates; what is
counted is the processor time of the system's whole process tree. A peer that can't be had here
gets a row that says so.
"""

import argparse
import json
from collections.abc import Callable, Iterator

from rich.console import Console

from bench import relay, route, table
from bench.measure import Effort, calls, held_calls, registrations
from bench.process import StartError
from bench.system import Daihyo, Kamailio, Sippy, SystemUnderTest
from bench.table import CALL, CHALLENGED_CALL, DELAY, RELAY, Row

RATES = (1000, 700, 400)
SIPPY_RATES = (150, 100, 50)
REGISTER_RATE = 2000
RELAYED_CALLS = 400

RELAY_NAMES = {"native": "Daihyo", "loop": "Daihyo, pure Python", "rtpengine": "rtpengine"}

Say = Callable[[str], None]


Attempts = dict[str, list[tuple[int, ...]]]
"""For each work with calls, the rates of each row: the first that is carried makes the row."""


def ours() -> list[SystemUnderTest]:
    """Return the switch as installed, and without its native parts."""
    return [Daihyo("Daihyo"), Daihyo("Daihyo, pure Python", is_pure=True)]


def peers() -> list[SystemUnderTest]:
    """Return who is measured at the rates that ours carried."""
    return [Kamailio("Kamailio -x fm", "fm"), Kamailio("Kamailio, Debian's default")]


def same_rates(rows: list[Row]) -> Attempts:
    """Return the rates of our own rows, each for a row of a peer."""
    rates = {
        work: {_number(row.offered) for row in rows if row.work == work}
        for work in (CALL, CHALLENGED_CALL)
    }
    return {work: [(rate,) for rate in sorted(found)] for work, found in rates.items()}


def measure_sippy(effort: Effort, say: Say) -> tuple[Row, int]:
    """Measure Sippy at what it carries; returns the rate as well."""
    sippy = Sippy()
    say(f"{sippy.name}: calls")
    try:
        sippy.start()
        row = calls(sippy, SIPPY_RATES, effort, challenged=False)
        sippy.stop()
    except StartError as error:
        row = Row(CALL, sippy.name, f"{SIPPY_RATES[-1]} calls/s", None, "ms", str(error))
    return row, _number(row.offered)


def measure_system(
    system: SystemUnderTest, attempts: Attempts, effort: Effort, say: Say
) -> Iterator[Row]:
    """Measure everything that a system does."""
    try:
        say(f"{system.name}: start")
        system.start()
    except StartError as error:
        yield Row(CALL, system.name, f"{RATES[0]} calls/s", None, "ms", str(error))
        return
    try:
        for work, rows in attempts.items():
            for rates in rows:
                say(f"{system.name}: {work}, {rates[0]}/s")
                yield calls(system, rates, effort, challenged=work == CHALLENGED_CALL)
        say(f"{system.name}: registrations")
        yield from registrations(system, REGISTER_RATE, effort)
        if effort.waits:
            say(f"{system.name}: calls that stay")
            yield held_calls(system, effort)
    finally:
        system.stop()


def measure_relays(seconds: float, say: Say) -> Iterator[Row]:
    """Measure what an RTP packet costs, and how long it takes."""
    offered = f"{RELAYED_CALLS} calls"
    for key, name in RELAY_NAMES.items():
        say(f"{name}: RTP relay")
        try:
            found = relay.run(key, RELAYED_CALLS, seconds)
        except (StartError, OSError) as error:
            yield Row(RELAY, name, offered, None, "µs", str(error))
            continue
        lost = f"{found['lost']} of {found['packets']} lost" if found["lost"] else ""
        yield Row(RELAY, name, offered, float(found["cpu_us_per_packet"]), "µs", lost)
        for quantile in ("p50", "p99"):
            value = float(found[f"{quantile}_us"])
            yield Row(f"{DELAY}, {quantile}", name, offered, value, "µs")


def ordered(rows: list[Row]) -> list[Row]:
    """Group the rows by work, in the order in which the works first came, and by rate."""
    works = list(dict.fromkeys(row.work for row in rows))
    return sorted(rows, key=lambda row: (works.index(row.work), _number(row.offered)))


def _number(offered: str) -> int:
    return int(offered.partition(" ")[0])


def write(rows: list[Row], date: str | None) -> None:
    """Keep the run: as JSON, in the document, as a picture."""
    facts = table.machine()
    if date:
        facts["date"] = date
    table.keep(rows, facts)


def main() -> None:
    """Measure, show, keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs, no memory")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--date", help="written beside the machine's facts")
    parser.add_argument("--keep", action=argparse.BooleanOptionalAction, default=True)
    chosen = parser.parse_args()
    console, progress = Console(), Console(stderr=True)
    effort = Effort(2.0, waits=False) if chosen.quick else Effort()

    def say(text: str) -> None:
        progress.print(f"[dim]{text} …[/dim]")

    sippy, slow_rate = measure_sippy(effort, say)
    rows: list[Row] = []
    attempts: Attempts = {CALL: [(slow_rate,), RATES], CHALLENGED_CALL: [RATES]}
    for system in ours():
        rows += measure_system(system, attempts, effort, say)
    attempts = same_rates(rows)
    for system in peers():
        rows += measure_system(system, attempts, effort, say)
    rows.append(sippy)
    rows += measure_relays(effort.seconds, say)
    say("Daihyo: routing with 100,000 numbers")
    rows += route.measure()
    rows = ordered(rows)
    if chosen.keep and not chosen.quick:
        write(rows, chosen.date)
    if chosen.json:
        print(json.dumps(table.document(rows, table.machine()), indent=2, ensure_ascii=False))
    else:
        console.print(table.screen(rows))


if __name__ == "__main__":
    main()
