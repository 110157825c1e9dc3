"""The office: every way in which contracts of the store are changed, each held to the same rules.

The configuration's own contracts stand beside those of the store: they share the numbers and user
names that are free, and only the configuration changes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioning.breach import Breach
from provisioning.change import IdSettings, decided, with_id_settings
from provisioning.contract import Contract, NumberState
from provisioning.document import ContractError, Terms, read, tree_of
from provisioning.draft import Draft
from provisioning.rule import Holdings
from provisioning.store import Change, ContractStore, Stamp

ELSEWHERE = "change it there and reload, or give this one another name"


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did, or would do: the names of contracts."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


class Office:
    """Changes the contracts of a store."""

    def __init__(self, store: ContractStore, terms: Terms, static: Sequence[Contract]) -> None:
        self._store = store
        self._terms = terms
        self._static = {contract.name: contract for contract in static}
        self._static_numbers = {
            number: contract.name for contract in static for number in contract.numbers()
        }
        self._static_usernames = {
            identity.username: contract.name for contract in static for identity in contract.ids
        }

    async def take(self, tree: Mapping[str, object], stamp: Stamp, *, trial: bool) -> Taken:
        """Import a file's contracts, all or none; raise `ContractError` with every fault."""
        async with self._store.change(stamp) as change:
            contracts = await self._checked(change, tree)
            names = [contract.name for contract in contracts]
            before = {each.name: each for each in await change.contracts(names)}
            written = [each for each in contracts if before.get(each.name) != each]
            await change.put(written, "import")
            change.is_trial = trial or not written
        new = [each.name for each in written]
        return Taken(
            tuple(name for name in new if name not in before),
            tuple(name for name in new if name in before),
            tuple(sorted(set(names) - set(new))),
        )

    async def decide(self, number: str, state: NumberState, stamp: Stamp, *, trial: bool) -> str:
        """Grant or refuse a number (R13); return its contract's name."""
        async with self._store.change(stamp) as change:
            contract = await change.contract_with(number)
            if contract is None:
                raise self._unknown(number, self._static_numbers.get(number))
            change.is_trial = trial
            return await self._write(change, decided(contract, number, state), state.value)

    async def set_id(
        self, username: str, settings: IdSettings, stamp: Stamp, *, trial: bool
    ) -> str:
        """Set what a portal sets of an ID; return its contract's name."""
        async with self._store.change(stamp) as change:
            contract = await change.contract_of(username)
            if contract is None:
                raise self._unknown(username, self._static_usernames.get(username))
            change.is_trial = trial
            return await self._write(
                change, with_id_settings(contract, username, settings), f"set {username}"
            )

    async def remove(self, name: str, stamp: Stamp, *, trial: bool) -> str:
        """Remove a contract, with all its numbers."""
        async with self._store.change(stamp) as change:
            if not await change.contracts([name]):
                raise self._unknown(name, name if name in self._static else None)
            change.is_trial = trial
            await change.remove([name], "remove")
        return name

    async def _write(self, change: Change, contract: Contract, what: str) -> str:
        await change.put(await self._checked(change, tree_of([contract])), what)
        return contract.name

    async def _checked(self, change: Change, tree: Mapping[str, object]) -> tuple[Contract, ...]:
        """Hold tables to the schema and every rule, beside what the store and the file hold."""
        drafts = Draft((), tree).parts("contract")
        numbers = [
            number
            for draft in drafts
            for each in (*draft.parts("id"), *draft.parts("representative"))
            if (number := each.number("number")) is not None
        ]
        usernames = _texts([each for draft in drafts for each in draft.parts("id")], "username")
        names = _texts(drafts, "name")
        held = await change.held(numbers, usernames, apart=set(names))
        beside = Holdings(
            {**held.numbers, **self._static_numbers}, {**held.usernames, **self._static_usernames}
        )
        return _read(tree, self._terms, beside, [self._elsewhere(draft) for draft in drafts])

    def _elsewhere(self, draft: Draft) -> Breach | None:
        name = draft.text("name")
        if name not in self._static:
            return None
        return Breach(draft.at("name"), f'"{name}" is a contract of the configuration', ELSEWHERE)

    def _unknown(self, what: str, static: str | None) -> ContractError:
        if static is None:
            return ContractError([Breach((), f"{what} is not there", "see daihyo contract list")])
        wrong = f"{what} belongs to the configuration's contract {static}"
        return ContractError([Breach((), wrong, "change it in the configuration file and reload")])


def _read(
    tree: Mapping[str, object], terms: Terms, held: Holdings, more: Sequence[Breach | None]
) -> tuple[Contract, ...]:
    found = [breach for breach in more if breach is not None]
    try:
        contracts = read(tree, terms, held)
    except ContractError as error:
        raise ContractError([*error.breaches, *found]) from None
    if found:
        raise ContractError(found)
    return contracts


def _texts(drafts: Sequence[Draft], key: str) -> list[str]:
    return [text for each in drafts if (text := each.text(key)) is not None]
