"""The difference between two directories: every number and ID for which calls end otherwise.

Each number is called from outside with everybody registered, inside and outside its business hours
where it has any. Each ID calls a fixed, a mobile, a foreign, a 0570 and an emergency number, none
of which either directory holds, and is called under its extension. A customer that is the same in
both, with the same carriers, can't differ unless it forwards calls, so that a small change of much
is found at once.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property, partial
from itertools import count

import msgspec

from routing.decision import Attempt, Outcome, Refuse, Ring, Serve
from routing.directory import Directory
from routing.explain import summary
from routing.question import carrying
from routing.ring_plan import names
from routing.route import route
from routing.standing import AssumedStanding
from routing.trunk import Trunk

STRANGER = "+819000000000"
"""Who calls from outside: like a mobile phone, and nobody's number."""

ABSENT = "not there"
NO_TRUNK = "no trunk brings calls to it"
NOBODY = "no other ID to call it"

ANYBODY = Trunk("carrier", "carrier.invalid")
"""Stands for the carriers where contracts are compared without any."""

_OPEN = AssumedStanding()


class Probe(StrEnum):
    """A call that is tried in both directories."""

    INBOUND = "inbound"
    """From outside, the office open."""
    AFTER_HOURS = "after_hours"
    """From outside, the office closed."""
    FIXED = "to_fixed"
    MOBILE = "to_mobile"
    INTERNATIONAL = "to_international"
    NAVI = "to_0570"
    EMERGENCY = "to_emergency"
    EXTENSION = "by_extension"
    """Under its extension, from the first other ID of its contract."""


class Difference(msgspec.Struct, frozen=True):
    """One call that ends otherwise."""

    contract: str
    subject: str
    """The number in E.164, or the ID's user name."""
    probe: Probe
    before: str
    after: str


Tried = tuple[Probe, str, str]
"""A call, and how it ends on either side."""


class Comparison:
    """Two directories, held against each other at one moment (Unix seconds)."""

    def __init__(self, before: Directory, after: Directory, at: float) -> None:
        if not before.trunks and not after.trunks:
            # Else every call out would end alike, whatever it presents.
            before, after = before.with_trunks([ANYBODY]), after.with_trunks([ANYBODY])
        self._sides = (before, after)
        self._at = at

    @cached_property
    def contracts(self) -> tuple[str, ...]:
        """The contracts that could differ, in order."""
        before, after = self._sides
        known = sorted({*before.customers, *after.customers})
        if _carriers(before) == _carriers(after):
            known = [name for name in known if self._could_differ(name)]
        return tuple(known)

    def _could_differ(self, contract: str) -> bool:
        """Whether a contract has changed, or sends calls on to what may have."""
        before, after = (side.customer(contract) for side in self._sides)
        forwards = (each.handling.forwards for each in ([] if after is None else after.devices))
        return before != after or any(forwards)

    def differences(self) -> Iterator[Difference]:
        """Walk every call that ends otherwise."""
        for contract in self.contracts:
            yield from self.of_contract(contract)

    def of_contract(self, contract: str) -> Iterator[Difference]:
        """Walk a contract's calls that end otherwise; what moved is told where it is afterwards."""
        for number in self._own(contract, _owner_of_number, _numbers):
            yield from self._of(contract, number, self._inbound(number))
        for username in self._own(contract, _owner_of_id, _usernames):
            yield from self._of(contract, username, self._of_id(username))

    def _own(
        self,
        contract: str,
        owner: Callable[[Directory, str], str | None],
        listed: Callable[[Directory, str], Iterator[str]],
    ) -> Iterator[str]:
        """Name what a contract has afterwards, or had when nobody has it afterwards."""
        before, after = self._sides
        yield from listed(after, contract)
        yield from (each for each in listed(before, contract) if owner(after, each) is None)

    def _of(self, contract: str, subject: str, outcomes: Iterator[Tried]) -> Iterator[Difference]:
        for probe, before, after in outcomes:
            if before != after:
                yield Difference(contract, subject, probe, before, after)

    def _inbound(self, number: str) -> Iterator[Tried]:
        yield self._tried(Probe.INBOUND, lambda side: _call_in(side, number, self._at, _OPEN))
        lines = (side.line(number) for side in self._sides)
        if any(line is not None and line.after_hours for line in lines):
            closed = AssumedStanding(closed={number})
            yield self._tried(
                Probe.AFTER_HOURS, lambda side: _call_in(side, number, self._at, closed)
            )

    def _of_id(self, username: str) -> Iterator[Tried]:
        for probe, called in self._targets.items():
            yield self._tried(
                probe, partial(_call_out, username=username, called=called, at=self._at)
            )
        yield self._tried(Probe.EXTENSION, lambda side: _call_extension(side, username, self._at))

    def _tried(self, probe: Probe, call: Callable[[Directory], str]) -> Tried:
        before, after = self._sides
        return probe, call(before), call(after)

    @cached_property
    def _targets(self) -> Mapping[Probe, str]:
        return {
            Probe.FIXED: self._unheld("+8131111{:04}"),
            Probe.MOBILE: self._unheld("+819011111{:03}"),
            Probe.INTERNATIONAL: "+12025550123",
            Probe.NAVI: "0570000000",
            Probe.EMERGENCY: "110",
        }

    def _unheld(self, form: str) -> str:
        """Make a number that nobody has on either side."""
        before, after = self._sides
        made = map(form.format, count())
        return next(each for each in made if each not in before.lines and each not in after.lines)


def told(outcome: Outcome) -> str:
    """Say everything of an outcome that its callers could notice."""
    rings = outcome.then if isinstance(outcome, Serve) else outcome
    late = names(rings.late) if isinstance(rings, Ring) else ""
    claims = () if isinstance(outcome, Refuse) else outcome.claims
    parts = [
        summary(outcome),
        *([f"{late} may join"] if late else []),
        *(f"{claim.limit} at once by {claim.key.name}" for claim in claims),
    ]
    return "; ".join(parts)


def _call_in(side: Directory, number: str, at: float, standing: AssumedStanding) -> str:
    if side.line(number) is None:
        return ABSENT
    trunk = carrying(side, number)
    if trunk is None:
        return NO_TRUNK
    return told(route(Attempt(trunk, number, at, STRANGER), side, standing).outcome)


def _call_out(side: Directory, username: str, called: str, at: float) -> str:
    device = side.device(username)
    if device is None:
        return ABSENT
    return told(route(Attempt(device, called, at), side, _OPEN).outcome)


def _call_extension(side: Directory, username: str, at: float) -> str:
    device = side.device(username)
    if device is None:
        return ABSENT
    others = side.customers[device.contract].devices
    caller = next((each for each in others if each.username != username), None)
    if caller is None:
        return NOBODY
    return f"{device.extension}: {_call_out(side, caller.username, device.extension, at)}"


def _carriers(side: Directory) -> tuple[object, ...]:
    return side.trunks, side.carriers.routes, side.plan


def _numbers(side: Directory, contract: str) -> Iterator[str]:
    customer = side.customer(contract)
    return (line.number for line in (() if customer is None else customer.all_lines()))


def _usernames(side: Directory, contract: str) -> Iterator[str]:
    customer = side.customer(contract)
    return (device.username for device in (() if customer is None else customer.devices))


def _owner_of_number(side: Directory, number: str) -> str | None:
    line = side.line(number)
    return None if line is None else line.contract


def _owner_of_id(side: Directory, username: str) -> str | None:
    device = side.device(username)
    return None if device is None else device.contract
