"""Operations on the database's contracts: it is opened for each one, then closed."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from config.contract_file import read_contract_file
from config.model import Settings
from provisioning.contract import Contract
from provisioning.document import Terms
from provisioning.office import Office
from provisioning.snapshot import customer_of
from provisioning.store import ContractStore, Stamp
from routing.customer import Customer
from routing.directory import DirectoryError
from switch import blueprint
from switch.clock import Clock
from switch.store.database import Database

Result = TypeVar("Result")


def operate(settings: Settings, act: Callable[[Office, Stamp], Awaitable[Result]]) -> Result:
    """Let the office act on the store, which is made where it is missing.

    Raises `StoreError`, `ContractError` and `TakenError`.
    """
    settings.server.data_dir.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_with_store(settings, lambda store: act(_office(settings, store), _stamp())))


def stored_contracts(settings: Settings, names: list[str] | None = None) -> list[Contract]:
    """Read the store's contracts; none when there is no database yet. Raises `StoreError`."""
    return _read(settings, lambda store: store.contracts(names)) or []


def stored_customers(settings: Settings) -> list[Customer]:
    """Read the store's contracts as calls see them; raise `StoreError`."""
    found = _read(settings, lambda store: store.customers())
    return [] if found is None else found[1]


def usernames_of(settings: Settings, parties: frozenset[str]) -> frozenset[str]:
    """Find the stored IDs that have one of these extensions or numbers. Raises `StoreError`."""
    return _read(settings, lambda store: store.usernames(parties)) or frozenset()


def faults_of(settings: Settings, *, with_store: bool) -> tuple[str, ...]:
    """Tell what the configuration contradicts in itself and, with it, in the store."""
    stored = stored_contracts(settings) if with_store else []
    own = {contract.name for contract in settings.contracts}
    faults = [
        f"the contract {contract.name} of the database is in the configuration too; remove one"
        for contract in stored
        if contract.name in own
    ]
    beside = [customer_of(contract) for contract in stored if contract.name not in own]
    try:
        blueprint.directory(settings, beside)
    except DirectoryError as error:
        faults += error.faults
    return tuple(faults)


def seed(settings: Settings, file: Path) -> None:
    """Import the demonstration's contracts into a store that holds none.

    Raises `StoreError`, `ConfigurationError`, `ContractError` and `TakenError`.
    """

    async def fill(store: ContractStore) -> None:
        if not await store.contracts():
            tree = read_contract_file(file).tree
            await _office(settings, store).take(tree, _stamp(), trial=False)

    settings.server.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(_with_store(settings, fill))


def _read(settings: Settings, act: Callable[[ContractStore], Awaitable[Result]]) -> Result | None:
    """Read without a change; None from a database that is not there or has no contracts yet."""
    if settings.server.is_database_missing:
        return None
    try:
        return asyncio.run(_with_store(settings, act, migrate=False))
    except SQLAlchemyError:
        return None


async def _with_store(
    settings: Settings, act: Callable[[ContractStore], Awaitable[Result]], *, migrate: bool = True
) -> Result:
    database = await Database.open(settings.server.database_url, migrate=migrate)
    try:
        return await act(ContractStore(database.engine))
    finally:
        await database.close()


def _office(settings: Settings, store: ContractStore) -> Office:
    terms = Terms(settings.server.realm, tuple(settings.security.algorithms))
    return Office(store, terms, settings.contracts)


def _stamp() -> Stamp:
    return Stamp(getpass.getuser(), Clock.system().unix())
