"""The database: its steps, its batches, and what happens when it is in the way."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from switch.effect import (
    DeleteBinding,
    DeleteBlock,
    Log,
    StoreEffect,
    WriteBinding,
    WriteBlock,
    WriteCdr,
)
from switch.sip.flow import Address, Flow, Transport
from switch.store.database import Database, StoreError, sqlite_url
from switch.store.writer import MAX_QUEUED, StoreWriter

CDR = WriteCdr(
    "call-1", "a", "in", "shop", "101", None, "+81312345678", "102",
    100.0, 101.0, 102.0, 160.0, 200, "normal", "caller", "x@h", "[]", "[]",
)  # fmt: skip

FLOW = Flow(Transport.TCP, Address("192.0.2.1", 5060), Address("2001:db8::7", 40000), 7)
BINDING = WriteBinding(
    "101", "sip:101@192.0.2.7", ("<sip:edge;lr>",), FLOW, "c@h", 3, 900.0, None, "Phone", 100.0
)

BLOCK = WriteBlock("device", "101", "abroad", "shop", "yen_per_day", 3000.0, 3000.0, 100.0, None)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
    yield opened
    await opened.close()


class Lines:
    """The log, as the writer calls it."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.has_some = asyncio.Event()

    def __call__(self, line: Log) -> None:
        """Take a line."""
        self.events.append(line.event)
        self.has_some.set()


async def store(database: Database, log: Lines, *effects: StoreEffect) -> StoreWriter:
    """Write the effects as a run of the switch does, from the first to the shutdown."""
    writer = StoreWriter(database, log)
    async with asyncio.TaskGroup() as group:
        group.create_task(writer.run(), name="store")
        for effect in effects:
            writer.write(effect)
        writer.close()
    return writer


async def test_a_record_is_read_back_as_it_was_written(database: Database) -> None:
    writer = await store(database, Lines(), CDR)
    assert await database.cdrs() == [CDR]
    assert (writer.written, writer.dropped, len(writer)) == (1, 0, 0)


async def test_the_same_leg_is_written_once(database: Database) -> None:
    other = msgspec.structs.replace(CDR, leg="b")
    await store(database, Lines(), CDR, CDR, other)
    await store(database, Lines(), msgspec.structs.replace(CDR, caller="changed"))
    assert await database.cdrs() == [other, CDR]


async def test_records_are_found_by_a_short_call_and_by_party(database: Database) -> None:
    other = msgspec.structs.replace(CDR, call_id="call_2", caller="+81399999999")
    await store(database, Lines(), CDR, other)
    assert await database.cdrs(call_id="call_") == [other]
    assert await database.cdrs(parties={"+81312345678", "0312345678"}) == [CDR]
    assert len(await database.cdrs(parties={"101"})) == 2
    assert await database.cdrs(parties={"103"}) == []
    assert len(await database.cdrs(limit=1)) == 1


async def test_a_binding_is_read_back_and_the_last_word_counts(database: Database) -> None:
    later = msgspec.structs.replace(BINDING, expires_at=2000.0)
    await store(database, Lines(), BINDING, later)
    assert await database.bindings() == [later]
    await store(database, Lines(), BINDING, DeleteBinding("101"), DeleteBinding("unknown"))
    assert await database.bindings() == []
    await store(database, Lines(), DeleteBinding("101"), BINDING)
    assert await database.bindings() == [BINDING]


async def test_data_outlives_the_process_and_the_steps_are_taken_once(tmp_path: Path) -> None:
    for _ in range(2):
        database = await Database.open(sqlite_url(tmp_path / "x.db"), migrate=True)
        await store(database, Lines(), BINDING)
        assert await database.bindings() == [BINDING]
        await database.close()


async def test_a_row_that_the_database_refuses_is_dropped_alone(database: Database) -> None:
    log = Lines()
    bad = msgspec.structs.replace(CDR, leg="x", caller="\udcff")
    writer = await store(database, log, bad, CDR)
    assert await database.cdrs() == [CDR]
    assert (writer.written, writer.dropped, log.events) == (1, 1, ["store_refused"])


async def test_a_locked_database_is_told_once_and_waited_for(tmp_path: Path) -> None:
    database = await Database.open(sqlite_url(tmp_path / "x.db") + "?timeout=0.01", migrate=True)
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("PRAGMA busy_timeout=0")
    other.execute("BEGIN EXCLUSIVE")
    log = Lines()
    writer = StoreWriter(database, log)
    try:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(writer.run(), name="store")
            writer.write(CDR)
            await log.has_some.wait()
            other.execute("COMMIT")
            writer.close()
        assert log.events == ["store_unavailable", "store_recovered"]
        assert await database.cdrs() == [CDR]
    finally:
        other.close()
        await database.close()


async def test_a_full_queue_drops_and_says_so_once(database: Database) -> None:
    log = Lines()
    writer = StoreWriter(database, log)
    for _ in range(MAX_QUEUED + 2):
        writer.write(CDR)
    assert (len(writer), writer.dropped, log.events) == (MAX_QUEUED, 2, ["store_queue_full"])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite+aiosqlite:////proc/none/x.db", "unable to open database file"),
        ("nonsense", "Could not parse SQLAlchemy URL"),
        ("postgresql+asyncpg://me:secret@127.0.0.1:1/x", "127.0.0.1:1/x: "),
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_line(url: str, expected: str) -> None:
    with pytest.raises(StoreError) as caught:
        await Database.open(url, migrate=True)
    text = str(caught.value)
    assert expected in text
    assert "secret" not in text
    assert "\n" not in text


async def test_reading_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such table"):
        await Database.open(sqlite_url(tmp_path / "x.db"), migrate=False)


async def test_a_block_is_read_back_replaced_and_forgotten(database: Database) -> None:
    every = msgspec.structs.replace(BLOCK, reach="all", until=500.0)
    await database.write([BLOCK, every])
    later = msgspec.structs.replace(BLOCK, cause="operator", note="asked for")
    await database.write([later, DeleteBlock("device", "101", "all")])
    assert await database.blocks() == [later]


async def test_the_callers_records_of_calls_to_trunks_are_read_oldest_first(
    database: Database,
) -> None:
    def call(call_id: str, at: float, trunk: str | None) -> list[WriteCdr]:
        a = msgspec.structs.replace(CDR, call_id=call_id, started_at=at)
        b = msgspec.structs.replace(a, leg="b1", direction="out", device=None, trunk=trunk)
        return [a, b]

    from_carrier = msgspec.structs.replace(CDR, call_id="in", device=None, trunk="carrier")
    await database.write(
        [
            *call("late", 300.0, "carrier"),
            *call("early", 200.0, "carrier"),
            *call("yesterday", 50.0, "carrier"),
            *call("inside", 250.0, None),
            from_carrier,
        ]
    )
    found = await database.calls_out(100.0)
    assert [(cdr.call_id, cdr.leg) for cdr in found] == [("early", "a"), ("late", "a")]
