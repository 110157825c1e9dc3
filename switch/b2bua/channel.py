"""Channels: what a call and its legs hold of the limits, and when they give it back (R14).

What routing claims is taken when the call begins. Besides, each leg holds a place at its device or
trunk, whether or not that has a limit, so that everybody can tell who is busy. Nothing here counts
up and down: a lease is keyed by its call.
"""

from collections.abc import Iterable

from routing.device import Device
from routing.limit import Claim, LimitKey, LimitKind, LimitStore
from routing.trunk import Trunk

NO_LIMIT = 1 << 31
"""More calls than one switch has."""


def key_of(party: Device | Trunk) -> LimitKey:
    """Name the limit of a device or a trunk."""
    if isinstance(party, Trunk):
        return LimitKey(LimitKind.TRUNK, party.name)
    return LimitKey(LimitKind.DEVICE, party.username)


class Channels:
    """Takes leases for calls, and gives them back."""

    def __init__(self, leases: LimitStore) -> None:
        self._leases = leases

    def begin(self, call_id: str, origin: Device | Trunk, claims: Iterable[Claim]) -> Claim | None:
        """Take what a decision claims, all or nothing, and note whose call it is.

        Returns the claim that is exhausted. Routing has judged the caller's own limit already, or
        has let an emergency call pass it.
        """
        exhausted = self._leases.take(call_id, claims)
        if exhausted is None:
            self._leases.take(call_id, [Claim(key_of(origin), NO_LIMIT)])
        return exhausted

    def enter(self, call_id: str, party: Device | Trunk, *, urgent: bool) -> bool:
        """Take a leg's place at its device or trunk; an emergency call always gets one."""
        limit = NO_LIMIT if urgent or party.max_calls is None else party.max_calls
        return self._leases.take(call_id, [Claim(key_of(party), limit)]) is None

    def leave(self, call_id: str, party: Device | Trunk) -> None:
        """Give a leg's place back."""
        self._leases.release(call_id, key_of(party))

    def free(self, call_id: str) -> None:
        """Give everything back that a call holds: it has ended."""
        self._leases.release(call_id)
