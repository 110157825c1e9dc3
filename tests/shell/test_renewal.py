"""The running directory follows the store and the configuration."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from provisioning.contract import Contract
from provisioning.document import Terms, Tree, read
from provisioning.snapshot import customer_of
from provisioning.store import ContractStore, Stamp
from routing.directory import Directory, DirectoryError
from routing.trunk import Trunk
from switch.effect import Log
from switch.renewal import Renewal
from switch.store.database import Database, sqlite_url
from tests.support.contract import HASHES, RICH

STAMP = Stamp("operator", 100.0)


def contract(name: str, position: int, table: Tree | None = None) -> Contract:
    number = f"0501234{position:04}"
    identity = {"username": name, "ha1": HASHES, "extension": "101", "number": number}
    tree = {"version": 1, "contract": [table or {"name": name, "id": [identity]}]}
    [found] = read(tree, Terms("daihyo", ("MD5",)))
    return found


SHOP = contract("shop", 0, RICH)
BAR = contract("bar", 77)


class Switch:
    """What the renewal sees of a switch."""

    def __init__(self, store: ContractStore) -> None:
        self.store = store
        self.directory = Directory.build()
        self.lines: list[Log] = []
        self.has_swapped = asyncio.Event()
        self.renewal = Renewal(store, lambda: self.directory, self.swap, self.lines.append)

    def swap(self, directory: Directory) -> None:
        """Take a directory."""
        self.directory = directory
        self.has_swapped.set()

    async def put(self, *contracts: Contract) -> None:
        """Change the store behind the switch's back."""
        async with self.store.change(STAMP) as change:
            await change.put(contracts, "import")

    async def start(self, *static: Contract) -> None:
        """Load as the daemon does."""
        own = [customer_of(each) for each in static]
        self.directory = Directory.build([*own, *await self.renewal.load(own)])

    def events(self) -> list[str]:
        """Name what was logged."""
        return [line.event for line in self.lines]


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    yield Switch(ContractStore(database.engine))
    await database.close()


async def test_a_change_reaches_the_directory_and_shares_the_rest(switch: Switch) -> None:
    await switch.put(SHOP, BAR)
    await switch.start()
    before = switch.directory
    await switch.put(contract("bar", 78))
    assert await switch.renewal.renew() == 1
    assert switch.directory.line("+815012340078") is not None
    assert switch.directory.line("+815012340077") is None
    assert switch.directory.customers["shop"] is before.customers["shop"]
    assert await switch.renewal.renew() == 0
    assert switch.events() == ["directory_replaced"]


async def test_a_contract_that_is_gone_is_served_no_longer(switch: Switch) -> None:
    await switch.put(SHOP, BAR)
    await switch.start()
    async with switch.store.change(STAMP) as change:
        await change.remove(["shop"], "remove")
    assert await switch.renewal.renew() == 1
    assert list(switch.directory.customers) == ["bar"]


async def test_a_contract_that_collides_with_the_configuration_is_refused_alone(
    switch: Switch,
) -> None:
    await switch.start(contract("static", 1))
    await switch.put(contract("static", 2), contract("thief", 1), BAR)
    assert await switch.renewal.renew() == 2
    assert set(switch.directory.customers) == {"static", "bar"}
    assert switch.events() == ["contract_refused", "contract_refused", "directory_replaced"]


async def test_a_reload_takes_the_configurations_contracts_and_trunks(switch: Switch) -> None:
    await switch.put(BAR)
    await switch.start(contract("old", 1))
    fresh = customer_of(contract("new", 2))
    switch.renewal.reconfigure([fresh], [Trunk("t", "192.0.2.1")], [])
    assert set(switch.directory.customers) == {"bar", "new"}
    assert switch.directory.trunk("t") is not None


async def test_a_reload_with_a_contract_of_the_store_is_refused_whole(switch: Switch) -> None:
    await switch.put(BAR)
    await switch.start()
    before = switch.directory
    for name, reason in (("bar", "the contract bar is in the store"), ("x", "belongs to contract")):
        with pytest.raises(DirectoryError, match=reason):
            switch.renewal.reconfigure([customer_of(contract(name, 77))], [], [])
    assert switch.directory is before


async def test_a_reload_looks_for_changes_at_once(switch: Switch) -> None:
    await switch.start()
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(switch.renewal.run(), name="renewal")
        await switch.put(BAR)
        switch.renewal.reconfigure([], [], [])
        switch.has_swapped.clear()
        await switch.has_swapped.wait()
        running.cancel()
    assert "bar" in switch.directory.customers


async def test_a_store_out_of_reach_is_told_once(switch: Switch, tmp_path: Path) -> None:
    engine = create_async_engine(sqlite_url(tmp_path / "empty.db"))
    told = asyncio.Event()

    def tell(line: Log) -> None:
        switch.lines.append(line)
        told.set()

    renewal = Renewal(
        ContractStore(engine),
        lambda: switch.directory,
        switch.swap,
        tell,
    )
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        running = group.create_task(renewal.run(), name="renewal")
        renewal.reconfigure([], [], [])
        await told.wait()
        renewal.reconfigure([], [], [])
        running.cancel()
    await engine.dispose()
    assert switch.events() == ["contracts_unavailable"]
