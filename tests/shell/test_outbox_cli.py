"""The command line shows, retries and drops mail and lists messages; no switch need run."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from outbox.mail import Mail
from outbox.store import Fate, OutboxStore
from switch.cli import app
from switch.store.database import sqlite_url
from tests.support.archive import NUMBER, Store, leave
from tests.support.archive import store as open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    url = sqlite_url(tmp_path / "x.db")
    (tmp_path / "daihyo.toml").write_text(f'[server]\ndata_dir = "."\ndatabase = "{url}"\n')
    return tmp_path


def ask(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(folder / "daihyo.toml")])


def prepare(folder: Path, act: Callable[[Store], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with open_store(folder) as store:
            await act(store)

    asyncio.run(opened())


async def write(store: Store) -> None:
    outbox = OutboxStore(store.database.engine)
    await outbox.post([Mail(key, f"{key}@b.jp", "件名", "秘密") for key in ("a", "b", "c")], 0.0)
    first, second, _ = await outbox.claim(1.0, 10)
    await outbox.bury(first, "550 no such user", 1.0)
    await outbox.sent(second, 1.0)


def test_mail_that_is_not_sent_is_listed_without_its_text(folder: Path) -> None:
    prepare(folder, write)
    told = ask(folder, "outbox", "list").output
    assert "a@b.jp" in told
    assert "550 no such user" in told
    assert "c@b.jp" in told
    assert "b@b.jp" not in told
    plain = json.loads(ask(folder, "outbox", "list", "--json", "--sent").output)
    assert {row["recipient"]: row["state"] for row in plain} == {
        "a@b.jp": "dead",
        "b@b.jp": "sent",
        "c@b.jp": "waiting",
    }
    assert "秘密" not in json.dumps(plain, ensure_ascii=False)
    assert "c@b.jp" not in ask(folder, "outbox", "list", "--dead").output


def test_dead_mail_is_retried_and_dropped(folder: Path) -> None:
    prepare(folder, write)
    assert "will be tried again: 1 to a@b.jp" in ask(folder, "outbox", "retry").output
    assert ask(folder, "outbox", "retry").output == "no dead mail\n"
    assert "dropped: 1 to a@b.jp" in ask(folder, "outbox", "drop", "1").output
    unknown = ask(folder, "outbox", "drop", "1", "2")
    assert unknown.exit_code == 1
    assert "no mail 1 that is not sent" in unknown.output

    async def check(store: Store) -> None:
        rows = await store.outbox.rows(list(Fate))
        assert {row.key: row.state for row in rows} == {"b": Fate.SENT, "c": Fate.WAITING}

    prepare(folder, check)


def test_messages_are_listed_of_all_numbers_or_some(folder: Path) -> None:
    async def fill(store: Store) -> None:
        archive = store.archive()
        await leave(archive)
        gone = await leave(archive, number="+815012340102", caller=None)
        await archive.delete(gone.id)

    prepare(folder, fill)
    told = ask(folder, "voicemail", "list").output
    assert NUMBER in told
    assert "+815012340102" not in told
    told = ask(folder, "voicemail", "list", "--deleted", "05012340102").output
    assert "withheld" in told
    assert NUMBER not in told
    plain = json.loads(ask(folder, "voicemail", "list", "--json").output)
    assert plain[0]["number"] == NUMBER
    assert ask(folder, "voicemail", "list", "12").exit_code == 2


def test_nothing_is_told_as_nothing(folder: Path) -> None:
    async def nothing(_store: Store) -> None:
        return

    prepare(folder, nothing)
    assert ask(folder, "outbox", "list").output == "no mail\n"
    assert ask(folder, "voicemail", "list").output == "no messages\n"


def test_a_database_without_the_tables_is_told_in_a_line(folder: Path) -> None:
    async def old(store: Store) -> None:
        async with store.database.engine.begin() as connection:
            await connection.exec_driver_sql("DROP TABLE outbox")

    prepare(folder, old)
    found = ask(folder, "outbox", "list")
    assert found.exit_code == 2
    assert "no such table" in found.output


def test_without_a_database_there_is_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "daihyo.toml").write_text('[server]\ndata_dir = "data"\n')
    found = ask(tmp_path, "outbox", "list")
    assert (found.exit_code, "no database" in found.output) == (2, True)
