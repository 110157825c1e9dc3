"""What is measured of one running system: calls, registrations, and what they leave in memory."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.process import pause
from bench.registrant import Account, Outcome, Registrants
from bench.sipp import CALLER_PORT, Caller, Calls, Phone
from bench.system import HOST, PASSWORD, REALM, SIP_PORT, USERS, SystemUnderTest
from bench.table import (
    BINDING_MEMORY,
    CALL,
    CALL_MEMORY,
    CHALLENGED_CALL,
    FIRST_REGISTER,
    REFRESH,
    Row,
)

REGISTRANT = ("127.0.0.4", 15095)
HELD_RATE = 200
HELD = 500
LEAST_KIB = 0.05
"""What counts as growth."""
LOST = 0.001
"""Calls that may fail in a run that counts as carried."""
LATE = 1.5
"""Seconds after its time at which the last call is over, for a run that counts as carried."""


UNCARRIED_SECONDS = 6.0
"""How long to let a system recover from a rate that was too much for it."""


@dataclass(frozen=True)
class Effort:
    """How long everything takes."""

    seconds: float = 5.0
    waits: bool = True
    """Whether transactions end within the measurement, and memory is looked at."""

    def linger(self, system: SystemUnderTest) -> float:
        """Return how long to wait for what was left behind."""
        return system.linger if self.waits else 1.0


@contextmanager
def phone() -> Iterator[Path]:
    """Have somebody answer calls; gives a folder for the callers' files."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        answering = Phone(Path(name))
        try:
            yield Path(name)
        finally:
            answering.stop()


def calls(
    system: SystemUnderTest, rates: tuple[int, ...], effort: Effort, *, challenged: bool
) -> Row:
    """Measure calls at the first of these rates that the system carries, else at the last."""
    work = CHALLENGED_CALL if challenged else CALL
    row = Row(work, system.name, "", None, "ms")
    for rate in rates:
        row, is_carried = _calls_at(system, rate, effort, challenged=challenged)
        if is_carried:
            break
    return row


def _calls_at(
    system: SystemUnderTest, rate: int, effort: Effort, *, challenged: bool
) -> tuple[Row, bool]:
    count = int(rate * effort.seconds)
    with phone() as folder:
        caller = Caller(folder, system.port(challenged=challenged), challenged=challenged)
        before = system.process.cpu_seconds()
        caller.start(rate, count)
        made = caller.finish(rate, count)
        is_late = made.seconds > count / rate + LATE
        is_carried = made.succeeded >= count * (1 - LOST) and not is_late
        linger = effort.linger(system)
        pause(linger if is_carried else min(linger, UNCARRIED_SECONDS))
        spent = system.process.cpu_seconds() - before
    work = CHALLENGED_CALL if challenged else CALL
    offered = f"{rate} calls/s"
    if not made.succeeded:
        return Row(work, system.name, offered, None, "ms", "no call succeeded"), False
    value = round(1000 * spent / made.succeeded, 4)
    note = _note(made, count, is_late=is_late)
    return Row(work, system.name, offered, value, "ms", note), is_carried


def _note(made: Calls, count: int, *, is_late: bool) -> str:
    parts = []
    if made.succeeded < count:
        parts.append(f"{count - made.succeeded} of {count} calls failed")
    if is_late:
        parts.append("falls behind")
    if made.retransmissions:
        parts.append(f"{made.retransmissions / count:.0%} retransmitted")
    return ", ".join(parts)


def registrations(system: SystemUnderTest, rate: int, effort: Effort) -> list[Row]:
    """Measure first registrations and refreshes, and what a binding weighs."""
    accounts = [Account(f"u{number}", PASSWORD, REALM) for number in range(USERS)]
    phones = Registrants(REGISTRANT, (HOST, SIP_PORT), accounts)
    half = USERS // 2
    try:
        first = [_registered(system, phones, (0, half), rate, effort)]
        middle = system.process.memory_kib()
        first.append(_registered(system, phones, (half, half), rate, effort))
        weight = round((system.process.memory_kib() - middle) / half, 3)
        again = [_registered(system, phones, (0, 2 * USERS), rate, effort)]
    finally:
        phones.close()
    rows = [
        _register_row(FIRST_REGISTER, system, rate, first),
        _register_row(REFRESH, system, rate, again),
    ]
    if effort.waits:
        rows.append(_weight_row(BINDING_MEMORY, system, f"{half} more", weight))
    return rows


def _registered(
    system: SystemUnderTest,
    phones: Registrants,
    which: tuple[int, int],
    rate: int,
    effort: Effort,
) -> tuple[Outcome, float]:
    before = system.process.cpu_seconds()
    outcome = phones.run(*which, float(rate))
    pause(effort.linger(system))
    return outcome, system.process.cpu_seconds() - before


def _register_row(
    work: str, system: SystemUnderTest, rate: int, waves: list[tuple[Outcome, float]]
) -> Row:
    done = sum(outcome.succeeded for outcome, _ in waves)
    failed = sum(outcome.failed for outcome, _ in waves)
    spent = sum(seconds for _, seconds in waves)
    offered = f"{rate} a second"
    if not done:
        return Row(work, system.name, offered, None, "ms", "none succeeded")
    value = round(1000 * spent / done, 4)
    note = f"{1000 / value:,.0f} a second and core" if value else ""
    if failed:
        note += f", {failed} failed"
    return Row(work, system.name, offered, value, "ms", note)


def held_calls(system: SystemUnderTest, effort: Effort) -> Row:
    """Measure what an established call weighs: the growth by a second wave of calls."""
    with phone() as folder:
        weights, callers = [], []
        for wave in range(2):
            place = folder / f"wave{wave}"
            place.mkdir()
            caller = Caller(
                place,
                system.port(challenged=False),
                challenged=False,
                held=True,
                local_port=CALLER_PORT + 1 + wave,
            )
            callers.append(caller)
            caller.start(HELD_RATE, HELD)
            pause(HELD / HELD_RATE + max(effort.linger(system), 2.0))
            weights.append(system.process.memory_kib())
        for caller in callers:
            caller.abandon()
    weight = round((weights[1] - weights[0]) / HELD, 2)
    return _weight_row(CALL_MEMORY, system, f"{HELD} more", weight)


def _weight_row(work: str, system: SystemUnderTest, offered: str, weight: float) -> Row:
    if weight < LEAST_KIB:
        return Row(work, system.name, offered, None, "KiB", "within memory that it had already")
    return Row(work, system.name, offered, weight, "KiB")
