"""Contracts in a database: kept whole, counted, and held to what must be unique."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provisioning.contract import Contract
from provisioning.document import Terms, Tree, read
from provisioning.snapshot import customer_of
from provisioning.store import Changes, ContractStore, Stamp, TakenError
from switch.store.database import Database, sqlite_url
from tests.support.contract import HASHES, RICH

STAMP = Stamp("operator", 100.0)


def contracts(*tables: Tree) -> tuple[Contract, ...]:
    return read({"version": 1, "contract": list(tables)}, Terms("daihyo", ("MD5",)))


def plain(name: str, position: int) -> Tree:
    identity = {
        "username": name,
        "ha1": HASHES,
        "extension": "101",
        "number": f"0501234{position:04}",
    }
    return {"name": name, "id": [identity]}


[SHOP] = contracts(RICH)
[BAR] = contracts(plain("bar", 77))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ContractStore]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    yield ContractStore(database.engine)
    await database.close()


async def put(store: ContractStore, *found: Contract) -> int:
    async with store.change(STAMP) as change:
        await change.put(found, "import")
        return change.revision


async def test_contracts_are_read_back_as_they_were_written(store: ContractStore) -> None:
    await put(store, SHOP, BAR)
    assert await store.contracts() == [BAR, SHOP]
    assert await store.contracts(["shop", "unknown"]) == [SHOP]
    revision, customers = await store.customers()
    by_name = sorted(customers, key=lambda customer: customer.contract)
    assert (revision, by_name) == (1, [customer_of(BAR), customer_of(SHOP)])


async def test_only_what_has_changed_since_is_told(store: ContractStore) -> None:
    assert await store.changes(0) == Changes(0)
    await put(store, SHOP, BAR)
    assert await store.changes(0) == Changes(1, (BAR, SHOP))
    async with store.change(STAMP) as change:
        await change.remove(["bar"], "remove")
    assert await store.changes(1) == Changes(2, (), frozenset({"bar"}))
    assert await store.changes(2) == Changes(2)


async def test_a_change_that_was_only_tried_leaves_nothing(store: ContractStore) -> None:
    async with store.change(STAMP) as change:
        await change.put([SHOP], "import")
        change.is_trial = True
    assert await store.contracts() == []
    assert await store.changes(0) == Changes(0)


async def test_a_change_that_fails_leaves_nothing(store: ContractStore) -> None:
    async def fail() -> None:
        async with store.change(STAMP) as change:
            await change.put([SHOP], "import")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await store.contracts() == []


async def test_the_database_itself_refuses_a_number_that_is_taken(store: ContractStore) -> None:
    [other] = contracts(plain("other", 77))
    await put(store, BAR)
    with pytest.raises(TakenError, match="is taken"):
        await put(store, other)
    assert await store.contracts() == [BAR]


async def test_two_contracts_may_exchange_their_numbers_in_one_change(store: ContractStore) -> None:
    one, two = contracts(plain("one", 1), plain("two", 2))
    await put(store, one, two)
    swapped = contracts(plain("one", 2), plain("two", 1))
    await put(store, *swapped)
    assert await store.contracts() == list(swapped)


async def test_contracts_are_found_by_what_they_hold(store: ContractStore) -> None:
    await put(store, SHOP, BAR)
    async with store.change(STAMP) as change:
        assert await change.contract_of("u2") == SHOP
        assert await change.contract_of("nobody") is None
        assert await change.contract_with("+81312340001") == SHOP
        numbers, names = ["+81312340001", "+815012340077"], ["u1", "bar"]
        held = await change.held(numbers, names, apart={"bar"})
    assert (held.numbers, held.usernames) == ({"+81312340001": "shop"}, {"u1": "shop"})


async def test_ids_are_found_by_extension_or_number(store: ContractStore) -> None:
    await put(store, SHOP, BAR)
    assert await store.usernames({"101"}) == {"u1", "bar"}
    assert await store.usernames({"+815012340002", "05012340002"}) == {"u2"}
    assert await store.usernames({"999"}) == frozenset()
