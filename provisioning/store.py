"""Where contracts are kept: written whole in one transaction, read back whole, changes counted.

Each change takes the next revision and names the contracts it touched, so that a switch that runs
reads only those. The lock on the revision's row puts changes in the order of their commits.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Column, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from provisioning.contract import Contract
from provisioning.document import contract_tree
from provisioning.rule import Holdings
from provisioning.snapshot import customer_of
from routing.customer import Customer
from switch.store.contract_table import (
    CONTRACT,
    CONTRACT_CHANGE,
    CONTRACT_ID,
    CONTRACT_NUMBER,
    CONTRACT_REVISION,
)

MAX_NAMED = 500
"""Names in one statement, well below what any database takes."""


class TakenError(Exception):
    """Another change took a number or user name first; the text is one line."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who changes something, and when in Unix seconds."""

    who: str
    at: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed up to a revision: the contracts as they are now, and those that are gone."""

    revision: int
    contracts: tuple[Contract, ...] = ()
    gone: frozenset[str] = frozenset()


class ContractStore:
    """The contracts of a database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def customers(self) -> tuple[int, list[Customer]]:
        """Read every contract as calls see it, and the revision up to which that is."""
        async with self._engine.connect() as connection:
            # First: what changes in between is then read twice, and never missed.
            revision = await _revision(connection)
            rows = await connection.execute(select(CONTRACT.c.document))
            return revision, [customer_of(_read(document)) for (document,) in rows]

    async def contracts(self, names: Collection[str] | None = None) -> list[Contract]:
        """Read contracts in the order of their names; those named, or all."""
        async with self._engine.connect() as connection:
            return await _contracts(connection, names)

    async def usernames(self, parties: Collection[str]) -> frozenset[str]:
        """Find the IDs that have one of these extensions or direct numbers."""
        extensions = select(CONTRACT_ID.c.username).where(CONTRACT_ID.c.extension.in_(parties))
        owners = select(CONTRACT_NUMBER.c.contract).where(CONTRACT_NUMBER.c.number.in_(parties))
        async with self._engine.connect() as connection:
            found = set((await connection.execute(extensions)).scalars())
            names = set((await connection.execute(owners)).scalars())
            for contract in await _contracts(connection, names):
                found |= {each.username for each in contract.ids if each.number in parties}
        return frozenset(found)

    async def changes(self, since: int) -> Changes:
        """Read what has changed after a revision."""
        async with self._engine.connect() as connection:
            revision = await _revision(connection)
            if revision == since:
                return Changes(revision)
            column = CONTRACT_CHANGE.c.contract
            query = select(column).where(CONTRACT_CHANGE.c.revision > since).distinct()
            names = set((await connection.execute(query)).scalars())
            found = await _contracts(connection, names)
        return Changes(revision, tuple(found), frozenset(names - {each.name for each in found}))

    @asynccontextmanager
    async def change(self, stamp: Stamp) -> AsyncIterator["Change"]:
        """Begin a change that nobody else's can cross; it is committed when the block ends well.

        A change that was only tried leaves nothing behind. Raises `TakenError` when the database
        refuses what it was to hold.
        """
        try:
            async with self._engine.begin() as connection:
                column = CONTRACT_REVISION.c.value
                await connection.execute(update(CONTRACT_REVISION).values(value=column + 1))
                change = Change(connection, await _revision(connection), stamp)
                yield change
                if change.is_trial:
                    await connection.rollback()
        except IntegrityError as error:
            reason = str(error.orig).splitlines()[0]
            raise TakenError(f"a number, user name or extension is taken: {reason}") from None


class Change:
    """One change of contracts, until it is committed."""

    def __init__(self, connection: AsyncConnection, revision: int, stamp: Stamp) -> None:
        self.revision = revision
        self.is_trial = False
        """Whether nothing of it is to stay."""
        self._connection = connection
        self._stamp = stamp

    async def contracts(self, names: Collection[str] | None = None) -> list[Contract]:
        """Read contracts as they are, in the order of their names; those named, or all."""
        return await _contracts(self._connection, names)

    async def contract_of(self, username: str) -> Contract | None:
        """Find the contract that an ID belongs to."""
        return await self._owner(CONTRACT_ID.c.username, username)

    async def contract_with(self, number: str) -> Contract | None:
        """Find the contract that holds a number in E.164."""
        return await self._owner(CONTRACT_NUMBER.c.number, number)

    async def held(
        self, numbers: Iterable[str], usernames: Iterable[str], *, apart: Collection[str]
    ) -> Holdings:
        """Find which contracts hold numbers and user names, apart from some contracts."""
        return Holdings(
            await self._owners(CONTRACT_NUMBER.c.number, numbers, apart),
            await self._owners(CONTRACT_ID.c.username, usernames, apart),
        )

    async def put(self, contracts: Sequence[Contract], what: str) -> None:
        """Write contracts, each in place of the one with its name."""
        await self._clear([contract.name for contract in contracts])
        numbers = [
            {"number": number, "contract": contract.name}
            for contract in contracts
            for number in contract.numbers()
        ]
        ids = [
            {"username": each.username, "contract": one.name, "extension": each.extension}
            for one in contracts
            for each in one.ids
        ]
        documents = [{"name": each.name, "document": _written(each)} for each in contracts]
        for table, rows in ((CONTRACT, documents), (CONTRACT_NUMBER, numbers), (CONTRACT_ID, ids)):
            if rows:
                await self._connection.execute(insert(table), rows)
        await self._note([contract.name for contract in contracts], what)

    async def remove(self, names: Sequence[str], what: str) -> None:
        """Remove contracts."""
        await self._clear(names)
        await self._note(names, what)

    async def _owner(self, column: Column[str], value: str) -> Contract | None:
        query = select(column.table.c.contract).where(column == value)
        name = (await self._connection.execute(query)).scalar()
        found = [] if name is None else await _contracts(self._connection, [name])
        return found[0] if found else None

    async def _owners(
        self, column: Column[str], values: Iterable[str], apart: Collection[str]
    ) -> dict[str, str]:
        owners: dict[str, str] = {}
        for some in _chunks(values):
            query = select(column, column.table.c.contract).where(column.in_(some))
            rows = await self._connection.execute(query)
            owners.update({value: name for value, name in rows if name not in apart})
        return owners

    async def _clear(self, names: Iterable[str]) -> None:
        for some in _chunks(names):
            for column in (CONTRACT.c.name, CONTRACT_NUMBER.c.contract, CONTRACT_ID.c.contract):
                table = column.table
                if isinstance(table, Table):
                    await self._connection.execute(delete(table).where(column.in_(some)))

    async def _note(self, names: Iterable[str], what: str) -> None:
        rows = [
            {
                "revision": self.revision,
                "contract": name,
                "what": what,
                "changed_at": self._stamp.at,
                "changed_by": self._stamp.who,
            }
            for name in names
        ]
        if rows:
            await self._connection.execute(insert(CONTRACT_CHANGE), rows)


async def _revision(connection: AsyncConnection) -> int:
    found = (await connection.execute(select(CONTRACT_REVISION.c.value))).scalar()
    return int(found or 0)


async def _contracts(connection: AsyncConnection, names: Collection[str] | None) -> list[Contract]:
    query = select(CONTRACT.c.document)
    documents: list[str] = []
    if names is None:
        documents += (await connection.execute(query)).scalars()
    else:
        for some in _chunks(names):
            documents += (
                await connection.execute(query.where(CONTRACT.c.name.in_(some)))
            ).scalars()
    # In a thread, because a switch that runs may have to read thousands.
    found = await asyncio.to_thread(lambda: list(map(_read, documents)))
    # Here, because databases differ in how they order texts.
    return sorted(found, key=lambda contract: contract.name)


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, MAX_NAMED)):
        yield some


def _written(contract: Contract) -> str:
    tree = contract_tree(contract)
    separators = (",", ":")
    return json.dumps(tree, ensure_ascii=False, separators=separators, default=datetime.isoformat)


def _read(document: str) -> Contract:
    return Contract.model_validate_json(document, by_alias=True)
