"""Channels: what a call takes of representative numbers, IDs and contracts (R14).

The limit of a representative number is the number of its contract's IDs at the moment of the call;
whatever the call then does (rings, is held, parked, recorded), it holds its channel until it ends.
"""

from collections.abc import Iterable

from routing.case import Case
from routing.customer import Customer
from routing.decision import RefusalCause
from routing.device import Device
from routing.limit import Claim, LimitKey, LimitKind
from routing.line import Line
from routing.trace import Finding, Rule

_RULES = {
    LimitKind.NUMBER: (Rule.CHANNELS, RefusalCause.CHANNELS_FULL),
    LimitKind.CONTRACT: (Rule.CONTRACT_CALLS, RefusalCause.CONTRACT_FULL),
    LimitKind.DEVICE: (Rule.DEVICE_CALLS, RefusalCause.DEVICE_FULL),
}


def number_claim(customer: Customer, line: Line) -> Claim | None:
    """Claim a channel of a representative number; a direct number has none."""
    if not line.is_representative:
        return None
    return Claim(LimitKey(LimitKind.NUMBER, line.number), customer.channels)


def contract_claim(customer: Customer) -> Claim | None:
    """Claim one of a contract's calls, where it has a limit."""
    if customer.max_calls is None:
        return None
    return Claim(LimitKey(LimitKind.CONTRACT, customer.contract), customer.max_calls)


def device_claim(device: Device) -> Claim | None:
    """Claim a call of a device that is called: without call waiting it has one at a time."""
    if device.handling.call_waiting or device.max_calls == 0:
        return calling_claim(device)
    return Claim(LimitKey(LimitKind.DEVICE, device.username), 1)


def calling_claim(device: Device) -> Claim | None:
    """Claim a call of a device that calls, where it has a limit."""
    if device.max_calls is None:
        return None
    return Claim(LimitKey(LimitKind.DEVICE, device.username), device.max_calls)


def caller_claims(customer: Customer, device: Device, presented: Line | None) -> tuple[Claim, ...]:
    """Claim what a call from a device takes on the caller's side."""
    shared = shared_claim(customer, presented)
    return joined(shared, calling_claim(device), contract_claim(customer))


def shared_claim(customer: Customer, presented: Line | None) -> tuple[Claim, ...]:
    """Claim a channel of the representative number that a call presents, if it presents one."""
    return joined((), None if presented is None else number_claim(customer, presented))


def joined(claims: tuple[Claim, ...], *more: Claim | None) -> tuple[Claim, ...]:
    """Add claims; a call holds a channel of a thing once, however often it meets it."""
    for claim in more:
        if claim is not None and all(claim.key != each.key for each in claims):
            claims = (*claims, claim)
    return claims


def exhausted(case: Case, claims: Iterable[Claim]) -> RefusalCause | None:
    """Return why a claim cannot be met, or None when all can."""
    for claim in claims:
        if case.holds(claim.key):
            continue
        rule, cause = _RULES[claim.key.kind]
        used = case.standing.held(claim.key)
        finding = Finding.FREE if used < claim.limit else Finding.FULL
        case.trace.note(rule, finding, claim.key.name, str(used), str(claim.limit))
        if finding is Finding.FULL:
            return cause
    return None
