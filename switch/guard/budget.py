"""Budgets of calls out, per ID and per contract, and the blocks that spent ones bring (R65, R66).

Two accounts are kept of each ID and each contract: of domestic calls, and of calls abroad and to
information services. A spent budget abroad stops only such calls, until an operator has looked; a
spent domestic one stops every call but emergencies, until its window has passed. Times are Unix
seconds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice
from math import inf

from routing.budget import Budget, HolderKind, Reach, Scope
from routing.device import Device
from routing.directory import Directory
from routing.number import Number
from switch.effect import CoreEffect, Fields, Level, Log, WriteBlock
from switch.guard.account import Account, Spent
from switch.guard.block import OPERATOR, Blocks
from switch.guard.fraud import Due, FraudSettings, Holder, PastCall, Usage
from switch.guard.window import STEPS

MINUTE = 60.0

IDLE_ACCOUNTS_LOOKED_AT = 4
"""At each call out the accounts that were used longest ago are looked at, and forgotten after a
day's silence: more go than come, so that as many are kept as have called within a day."""


@dataclass(slots=True)
class _Ongoing:
    """A call out in progress."""

    device: Device
    scope: Scope
    began_at: float
    rate: float
    paid_minutes: int = 1


class Budgets:
    """Counts calls out, and says who may make another."""

    def __init__(
        self, settings: FraudSettings, directory: Directory, kept: Iterable[WriteBlock] = ()
    ) -> None:
        self.directory = directory
        self.blocks = Blocks(kept)
        self._settings = settings
        self._accounts: dict[tuple[Holder, Scope], Account] = {}
        self._calls: dict[str, _Ongoing] = {}
        self._due: list[tuple[float, str]] = []
        """When a call in progress costs another minute or has lasted too long; a heap."""

    def __len__(self) -> int:
        return len(self._accounts)

    # What routing asks

    def refusal(self, contract: str, username: str, *, abroad: bool, at: float) -> str | None:
        """Return why an ID may not call out now, or None."""
        scope = Scope.ABROAD if abroad else Scope.DOMESTIC
        for holder in _holders(contract, username):
            block = self.blocks.find(holder.kind, holder.name, abroad=abroad, at=at)
            if block is not None:
                return f"{holder.kind} {holder.name}: {block.cause}"
            account = self._accounts.get((holder, scope))
            if account is not None and account.is_full(self._budget(holder, scope)):
                return f"{holder.kind} {holder.name}: calls_at_once"
        return None

    # What calls tell

    def begin(
        self, call_id: str, device: Device, number: Number, at: float, rate: float | None = None
    ) -> Due:
        """Count a call out, at a route's rate or that of the number's kind, in yen a minute."""
        if rate is None:
            rate = self._settings.rates.get(number.kind, 0.0)
        call = self._calls[call_id] = _Ongoing(device, Scope.of(number.kind), at, rate)
        self._forget_idle(at)
        for account in self._accounts_of(call):
            account.begin(call_id, at)
            account.day_yen.add(rate, at)
        heappush(self._due, (at + self._span(call), call_id))
        ended = self.blocks.drop_ended(at)
        due = self._judge(call, at)
        due.effects[:0] = ended
        due.effects.extend(self._noteworthy(call, at))
        return due

    def recall(self, past: PastCall) -> None:
        """Count a call of before the restart; the oldest comes first."""
        device = self.directory.device(past.device)
        if device is None:
            return
        call = _Ongoing(device, Scope.of(past.number.kind), past.began_at, 0.0)
        minutes = int(past.seconds // MINUTE) + 1 if past.seconds is not None else 0
        yen = minutes * self._settings.rates.get(past.number.kind, 0.0)
        for account in self._accounts_of(call):
            account.count(past.began_at)
            account.day_yen.add(yen, past.began_at)

    def end(self, call_id: str, answered_at: float | None, at: float) -> Due:
        """Settle a call; an unknown one, an emergency call for instance, is no fault."""
        call = self._calls.pop(call_id, None)
        if call is None:
            return Due([], [])
        for account in self._accounts_of(call):
            account.calls.discard(call_id)
            if answered_at is None:
                account.day_yen.take_back(call.rate, call.began_at)
        if answered_at is not None and self._pay(call, answered_at, at):
            return self._judge(call, at)
        return Due([], [])

    def next_deadline(self) -> float | None:
        """Return when `expire` wants to be called next."""
        while self._due and self._due[0][1] not in self._calls:
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def expire(self, at: float, answered_at: Callable[[str], float | None]) -> Due:
        """Charge the calls that have begun another minute, and end those that last too long."""
        due = Due([], [])
        while (deadline := self.next_deadline()) is not None and deadline <= at:
            _, call_id = heappop(self._due)
            self._go_on(call_id, answered_at(call_id), at, due)
        return due

    def _go_on(self, call_id: str, answered_at: float | None, at: float, due: Due) -> None:
        call = self._calls[call_id]
        if answered_at is None:
            # It rings: no answer from now on can have a second minute before the next look.
            heappush(self._due, (at + self._span(call), call_id))
            return
        ends_at = answered_at + self._longest(call)
        if at >= ends_at:
            due.ended.append(call_id)
            holder = Holder(HolderKind.DEVICE, call.device.username)
            fields: Fields = {"call_id": call_id, "seconds": round(at - answered_at)}
            whose = _whose(holder, call.device.contract)
            due.effects.append(Log("call_too_long", Level.WARNING, fields | whose))
            return
        self._pay(call, answered_at, at)
        heappush(self._due, (min(ends_at, answered_at + call.paid_minutes * MINUTE), call_id))
        found = self._judge(call, at)
        due.effects.extend(found.effects)
        due.ended.extend(found.ended)

    def _pay(self, call: _Ongoing, answered_at: float, at: float) -> bool:
        """Charge every minute that has begun and is not paid; tell whether there was any."""
        begun = int((at - answered_at) // MINUTE) + 1
        if begun <= call.paid_minutes:
            return False
        yen = (begun - call.paid_minutes) * call.rate
        call.paid_minutes = begun
        for account in self._accounts_of(call):
            account.day_yen.add(yen, at)
        return True

    # What operators want

    def block(self, name: str, reach: Reach, note: str, at: float) -> list[CoreEffect]:
        """Block an ID or, if there is none of the name, a contract; raise `LookupError`."""
        holder, contract = self.holder_of(name)
        said = WriteBlock(holder.kind, name, reach, contract, OPERATOR, 0, 0, at, None, note)
        fields: Fields = {"reach": reach, "note": note}
        told = Log("block_set", Level.WARNING, _whose(holder, contract) | fields)
        return [*self.blocks.set(said), told]

    def release(self, name: str) -> list[CoreEffect]:
        """Take the blocks off an ID or a contract, and let it begin with fresh budgets."""
        effects = self.blocks.release(name)
        if effects:
            for (holder, _), account in self._accounts.items():
                if holder.name == name:
                    account.clear()
            effects.append(Log("block_released", Level.WARNING, {"name": name}))
        return effects

    def holder_of(self, name: str) -> tuple[Holder, str]:
        """Find whom a name means, and its contract; raise `LookupError` for an unknown one."""
        device = self.directory.device(name)
        if device is not None:
            return Holder(HolderKind.DEVICE, name), device.contract
        if self.directory.customer(name) is not None:
            return Holder(HolderKind.CONTRACT, name), name
        raise LookupError(f"no ID and no contract {name}")

    def usage(self, at: float) -> Iterator[Usage]:
        """Tell how every account stands that has called within a day."""
        for (holder, scope), account in self._accounts.items():
            if not account.is_idle(at):
                yield Usage(
                    holder,
                    self._contract_of(holder),
                    scope,
                    len(account.calls),
                    account.hour_calls.sum(at),
                    account.day_calls.sum(at),
                    account.day_yen.sum(at),
                    self._budget(holder, scope),
                )

    # Small pieces

    def _judge(self, call: _Ongoing, at: float) -> Due:
        """Block whoever has spent a budget with this call, unless it is blocked already."""
        due = Due([], [])
        abroad = call.scope is Scope.ABROAD
        for holder in _holders(call.device.contract, call.device.username):
            account = self._account(holder, call.scope)
            spent = account.spent(self._budget(holder, call.scope), at)
            if spent is None or self.blocks.find(holder.kind, holder.name, abroad=abroad, at=at):
                continue
            due.effects.extend(self._block_spender(holder, call, spent, at))
            if abroad and self._settings.ends_calls:
                due.ended.extend(sorted(account.calls - {*due.ended}))
        return due

    def _block_spender(
        self, holder: Holder, call: _Ongoing, spent: Spent, at: float
    ) -> list[CoreEffect]:
        abroad = call.scope is Scope.ABROAD
        block = WriteBlock(
            holder.kind,
            holder.name,
            Reach.ABROAD if abroad else Reach.ALL,
            call.device.contract,
            spent.cause,
            spent.spent,
            spent.limit,
            at,
            None if abroad else at + spent.window * (1 + 1 / STEPS),
        )
        fields: Fields = {
            "reach": block.reach,
            "budget": spent.cause,
            "spent": spent.spent,
            "limit": spent.limit,
            "window": spent.window,
            "last_device": call.device.username,
        }
        told = Log("fraud_blocked", Level.ERROR, _whose(holder, block.contract) | fields)
        return [*self.blocks.set(block), told]

    def _noteworthy(self, call: _Ongoing, at: float) -> Iterator[Log]:
        """Tell once that an ID calls as often as no desk does (R65): a person decides (R66)."""
        device = call.device
        holder = Holder(HolderKind.DEVICE, device.username)
        both = (self._accounts.get((holder, scope)) for scope in Scope)
        calls = sum(account.day_calls.sum(at) for account in both if account is not None)
        if calls == self._settings.noteworthy_calls:
            fields: Fields = {"number": device.number, "calls": calls}
            yield Log("frequent_caller", Level.WARNING, _whose(holder, device.contract) | fields)

    def _budget(self, holder: Holder, scope: Scope) -> Budget:
        """Return the contract's word on an account, or else the configuration's."""
        if holder.kind is HolderKind.DEVICE:
            device, usual = self.directory.device(holder.name), self._settings.device
            own = device.budget if device is not None else None
        else:
            customer, usual = self.directory.customer(holder.name), self._settings.contract
            own = customer.budget if customer is not None else None
        said = own.budget(scope) if own is not None else None
        return said or usual.budget(scope) or Budget()

    def _contract_of(self, holder: Holder) -> str:
        if holder.kind is HolderKind.CONTRACT:
            return holder.name
        device = self.directory.device(holder.name)
        return device.contract if device is not None else ""

    def _account(self, holder: Holder, scope: Scope) -> Account:
        """Return an account, which is now the last that was used."""
        account = self._accounts.pop((holder, scope), None) or Account()
        self._accounts[holder, scope] = account
        return account

    def _accounts_of(self, call: _Ongoing) -> list[Account]:
        holders = _holders(call.device.contract, call.device.username)
        return [self._account(holder, call.scope) for holder in holders]

    def _forget_idle(self, at: float) -> None:
        for key in list(islice(self._accounts, IDLE_ACCOUNTS_LOOKED_AT)):
            if self._accounts[key].is_idle(at):
                del self._accounts[key]

    def _span(self, call: _Ongoing) -> float:
        """Return how soon after its beginning or a look a call may need one."""
        return min(MINUTE, self._longest(call))

    def _longest(self, call: _Ongoing) -> float:
        bound = self._settings.longest_abroad
        return inf if bound is None or call.scope is Scope.DOMESTIC else bound


def _holders(contract: str, username: str) -> tuple[Holder, Holder]:
    return Holder(HolderKind.DEVICE, username), Holder(HolderKind.CONTRACT, contract)


def _whose(holder: Holder, contract: str) -> Fields:
    """Name whom a line is about; a contract as a whole has no device."""
    device = holder.name if holder.kind is HolderKind.DEVICE else None
    return {"contract": contract, "device": device}
