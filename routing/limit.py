"""Channel limits as leases: who holds a channel of what, so that no counter can leak (R14).

A lease is keyed by its call. When the call ends, in whatever way, everything it held is free at
once; taking the same lease twice takes it once.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

import msgspec


class LimitKind(StrEnum):
    """What has channels."""

    NUMBER = "number"
    DEVICE = "device"
    CONTRACT = "contract"
    TRUNK = "trunk"


class LimitKey(msgspec.Struct, frozen=True):
    """One thing that has channels: a number in E.164, a user name, a contract, a trunk."""

    kind: LimitKind
    name: str


class Claim(msgspec.Struct, frozen=True):
    """A call wants one of `limit` channels of `key`."""

    key: LimitKey
    limit: int


class LimitStore(Protocol):
    """Who holds which channel; in memory here, shared between machines in a cluster."""

    def take(self, call_id: str, claims: Iterable[Claim]) -> Claim | None:
        """Give a call every claim or none; return the claim that is exhausted."""

    def release(self, call_id: str, key: LimitKey | None = None) -> None:
        """Free what a call holds of `key`, or everything it holds."""

    def move(self, call_id: str, to: str) -> None:
        """Let another call hold what a call holds: it has been joined to that one."""

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel of `key`."""


class Leases:
    """The `LimitStore` of one process."""

    def __init__(self) -> None:
        self._holders: dict[LimitKey, set[str]] = {}
        self._held: dict[str, set[LimitKey]] = {}

    def take(self, call_id: str, claims: Iterable[Claim]) -> Claim | None:
        """Give a call every claim or none; return the claim that is exhausted."""
        wanted = tuple(claims)
        for claim in wanted:
            holders = self._holders.get(claim.key, ())
            if call_id not in holders and len(holders) >= claim.limit:
                return claim
        for claim in wanted:
            self._holders.setdefault(claim.key, set()).add(call_id)
            self._held.setdefault(call_id, set()).add(claim.key)
        return None

    def release(self, call_id: str, key: LimitKey | None = None) -> None:
        """Free what a call holds of `key`, or everything it holds."""
        held = self._held.get(call_id, set())
        for each in (held & {key}) if key is not None else tuple(held):
            held.discard(each)
            holders = self._holders[each]
            holders.discard(call_id)
            if not holders:
                del self._holders[each]
        if not held:
            self._held.pop(call_id, None)

    def move(self, call_id: str, to: str) -> None:
        """Let another call hold what a call holds: it has been joined to that one."""
        for key in tuple(self._held.get(call_id, ())):
            self.release(call_id, key)
            self.take(to, [Claim(key, len(self._holders.get(key, ())) + 1)])

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel of `key`."""
        return len(self._holders.get(key, ()))

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"<Leases {len(self._holders)} limits held by {len(self._held)} calls>"
