"""What a phone dials about its calls reaches the contract, the log and the next call."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from provisioning.document import Terms, Tree, read
from provisioning.office import Office
from provisioning.store import ContractStore, Stamp
from routing.directory import Directory
from routing.handling import Condition
from switch.effect import ChangeHandling, Level, Log
from switch.phone_change import MAX_WAITING, PhoneChanges
from switch.renewal import Renewal
from switch.store.contract_table import CONTRACT_CHANGE
from switch.store.database import Database, sqlite_url
from tests.support.contract import HASHES, RICH

TERMS = Terms("daihyo", ("MD5",))
STATIC: Tree = {
    "name": "static",
    "id": [{"username": "s1", "ha1": HASHES, "extension": "11", "number": "05055550001"}],
}
FORWARD = ChangeHandling("u1", {"always": "102"})


class Shop:
    """A store with a contract, and the directory that follows it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.lines: list[Log] = []
        self.has_told = asyncio.Event()
        self.directory = Directory.build()
        store = ContractStore(database.engine)
        static = read({"version": 1, "contract": [STATIC]}, TERMS)
        self.office = Office(store, TERMS, static)
        self.renewal = Renewal(store, lambda: self.directory, self.swap, self.lines.append)
        self.changes = PhoneChanges(self.office, self.renewal.renew, self.write, lambda: 100.0)

    def write(self, line: Log) -> None:
        """Take a log line."""
        self.lines.append(line)
        self.has_told.set()

    def swap(self, directory: Directory) -> None:
        """Take a directory."""
        self.directory = directory

    def told(self) -> list[tuple[str, Level, object]]:
        """Return what the log says of changes."""
        return [
            (line.event, line.level, line.fields.get("change"))
            for line in self.lines
            if line.event.startswith("handling_")
        ]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    found = Shop(database)
    stamp = Stamp("operator", 1.0)
    await found.office.take({"version": 1, "contract": [RICH]}, stamp, trial=False)
    await found.renewal.renew()
    yield found
    await database.close()


async def test_a_dialled_forward_is_in_effect_from_the_next_call(shop: Shop) -> None:
    await shop.changes.make(FORWARD)
    handling = shop.directory.devices["u1"].handling
    assert handling.forwards == {Condition.ALWAYS: "102"}
    await shop.changes.make(ChangeHandling("u1", {"always": None}))
    await shop.changes.make(ChangeHandling("u1", do_not_disturb=True))
    handling = shop.directory.devices["u1"].handling
    assert (handling.forwards, handling.do_not_disturb) == ({}, True)
    assert shop.told() == [
        ("handling_changed", Level.INFO, "forward always 102"),
        ("handling_changed", Level.INFO, "forward always off"),
        ("handling_changed", Level.INFO, "do_not_disturb on"),
    ]


async def test_the_store_keeps_who_has_dialled_it_and_when(shop: Shop) -> None:
    await shop.changes.make(FORWARD)
    async with shop.database.engine.connect() as connection:
        rows = (await connection.execute(select(CONTRACT_CHANGE))).mappings().all()
    last = max(rows, key=lambda row: row["revision"])
    assert (last["changed_by"], last["changed_at"], last["what"]) == (
        "u1 by phone",
        100.0,
        "set u1",
    )


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        (ChangeHandling("u1", {"always": "110"}), "no emergency number"),
        (ChangeHandling("u1", {"always": "101"}), "is the ID itself"),
        (ChangeHandling("s1", {"always": "0312345678"}), "belongs to the configuration's contract"),
        (ChangeHandling("nobody", do_not_disturb=True), "nobody is not there"),
    ],
)
async def test_what_no_contract_may_say_is_refused_and_told(
    shop: Shop, effect: ChangeHandling, reason: str
) -> None:
    before = shop.directory
    await shop.changes.make(effect)
    [line] = [each for each in shop.lines if each.event == "handling_refused"]
    assert line.level is Level.WARNING
    assert reason in str(line.fields["reason"])
    assert shop.directory is before


async def test_a_database_that_is_gone_loses_no_more_than_the_change(shop: Shop) -> None:
    async with shop.database.engine.begin() as connection:
        await connection.run_sync(CONTRACT_CHANGE.drop)
    await shop.changes.make(FORWARD)
    assert shop.told() == [("handling_refused", Level.ERROR, "forward always 102")]


async def test_changes_are_made_in_the_order_in_which_they_were_dialled(shop: Shop) -> None:
    for target in ("102", "0311112222", None):
        shop.changes.ask(replace_forward(target))
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(shop.changes.run())
        while len(shop.told()) < 3:
            shop.has_told.clear()
            await shop.has_told.wait()
        running.cancel()
    assert [what for _, _, what in shop.told()] == [
        "forward always 102",
        "forward always 0311112222",
        "forward always off",
    ]
    assert shop.directory.devices["u1"].handling.forwards == {}


def replace_forward(target: str | None) -> ChangeHandling:
    """Make what a phone has dialled."""
    return ChangeHandling("u1", {"always": target})


async def test_more_changes_than_anybody_dials_are_turned_away(shop: Shop) -> None:
    for _ in range(MAX_WAITING):
        shop.changes.ask(FORWARD)
    assert shop.told() == []
    shop.changes.ask(FORWARD)
    assert shop.told() == [("handling_refused", Level.ERROR, "forward always 102")]
