"""The office: imports that are all or nothing, decisions and settings, beside the configuration."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provisioning.breach import pointed
from provisioning.change import IdSettings
from provisioning.contract import NumberState
from provisioning.document import ContractError, Terms, Tree, read
from provisioning.office import Office, Taken
from provisioning.store import ContractStore, Stamp
from switch.store.database import Database, sqlite_url
from tests.support.contract import HASHES, RICH

STAMP = Stamp("operator", 100.0)
TERMS = Terms("daihyo", ("MD5",))
STATIC: Tree = {
    "name": "static",
    "id": [{"username": "s1", "ha1": HASHES, "extension": "11", "number": "05055550001"}],
}


def file(*tables: Tree) -> Tree:
    return {"version": 1, "contract": list(tables)}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ContractStore]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    yield ContractStore(database.engine)
    await database.close()


@pytest.fixture
def office(store: ContractStore) -> Office:
    return Office(store, TERMS, read(file(STATIC), TERMS))


async def take(office: Office, *tables: Tree, trial: bool = False) -> Taken:
    return await office.take(file(*tables), STAMP, trial=trial)


async def test_an_import_tells_what_is_new_what_changed_and_what_did_not(
    office: Office, store: ContractStore
) -> None:
    assert await take(office, RICH) == Taken(("shop",), (), ())
    assert await take(office, RICH) == Taken((), (), ("shop",))
    assert (await store.changes(0)).revision == 1, "an import that changes nothing is no change"
    assert await take(office, RICH | {"customer": "New"}) == Taken((), ("shop",), ())


async def test_a_dry_run_tells_the_same_and_changes_nothing(
    office: Office, store: ContractStore
) -> None:
    assert await take(office, RICH, trial=True) == Taken(("shop",), (), ())
    assert await store.contracts() == []


async def test_an_import_is_all_or_nothing_and_tells_every_fault(
    office: Office, store: ContractStore
) -> None:
    await take(office, RICH)
    thief = {
        "name": "thief",
        "id": [
            {"username": "u1", "ha1": HASHES, "extension": "11", "number": "05012340001"},
            {"username": "s1", "ha1": HASHES, "extension": "12", "number": "05055550001"},
        ],
    }
    honest = {
        "name": "honest",
        "id": [{"username": "h", "ha1": HASHES, "extension": "11", "number": "05077770001"}],
    }
    with pytest.raises(ContractError) as caught:
        await take(office, honest, thief, STATIC)
    texts = "\n".join(map(str, caught.value.breaches))
    assert {pointed(each.path) for each in caught.value.breaches} >= {
        "contract[1].id[0].username",
        "contract[1].id[0].number",
        "contract[1].id[1].username",
        "contract[1].id[1].number",
        "contract[2].name",
    }
    assert '"+815012340001" is taken by contract shop' in texts
    assert '"s1" is taken by contract static' in texts
    assert [each.name for each in await store.contracts()] == ["shop"]


async def test_a_contract_of_the_configuration_is_not_imported(office: Office) -> None:
    ids = [{"username": "n", "ha1": HASHES, "extension": "11", "number": "05077770001"}]
    with pytest.raises(ContractError, match='"static" is a contract of the configuration'):
        await take(office, {"name": "static", "id": ids})


async def test_a_decision_is_kept(office: Office, store: ContractStore) -> None:
    await take(office, RICH)
    name = await office.decide("+81312340002", NumberState.GRANTED, STAMP, trial=False)
    [contract] = await store.contracts([name])
    assert contract.representatives[1].state is NumberState.GRANTED


async def test_a_setting_is_kept_unless_it_breaks_a_rule(
    office: Office, store: ContractStore
) -> None:
    await take(office, RICH)
    rings = IdSettings(rings={"+81312340001": True}, presents_own=True)
    assert await office.set_id("u1", rings, STAMP, trial=False) == "shop"
    wrong = IdSettings(caller_id="+81312340002")
    with pytest.raises(ContractError, match="is not granted; present a granted number"):
        await office.set_id("u1", wrong, STAMP, trial=False)
    [contract] = await store.contracts()
    assert contract.ids[0].caller_id is None
    assert contract.representatives[0].assigned[0].rings


async def test_a_removed_contract_frees_its_numbers(office: Office, store: ContractStore) -> None:
    await take(office, RICH)
    assert await office.remove("shop", STAMP, trial=False) == "shop"
    assert await store.contracts() == []
    assert await take(office, RICH | {"name": "heir"}) == Taken(("heir",), (), ())


async def test_what_is_not_in_the_store_is_not_changed(office: Office) -> None:
    for act, reason in (
        (office.decide("+81312349999", NumberState.GRANTED, STAMP, trial=False), "is not there"),
        (office.set_id("nobody", IdSettings(), STAMP, trial=False), "is not there"),
        (office.set_id("s1", IdSettings(), STAMP, trial=False), "configuration's contract static"),
        (office.remove("static", STAMP, trial=False), "configuration's contract static"),
    ):
        with pytest.raises(ContractError, match=reason):
            await act
