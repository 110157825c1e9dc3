"""Kill -9 at any moment of fifty recordings: who was told "stored" is stored, whole, with mail."""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest
import soundfile

from outbox.store import Fate
from tests.support.archive import NUMBER
from tests.support.archive import store as open_store
from tests.support.voicemail_daemon import TERMS, prepare

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("DAIHYO_KILLS", "4"))
"""Fifty before a release; each takes two seconds."""


async def killed(folder: Path, seed: int, after: float) -> dict[str, int]:
    """Run the callers, kill them; return which messages they were told are kept, and how long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.voicemail_daemon",
        str(folder),
        str(seed),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    reading = asyncio.ensure_future(process.stdout.read())  # noqa: TID251 - awaited below
    await asyncio.sleep(after)
    process.kill()
    lines = (await reading).decode().split("\n")[:-1]
    await process.wait()
    return {name: int(seconds) for _told, name, seconds in map(str.split, lines)}


@pytest.mark.timeout(60 + 30 * KILLS)
async def test_nothing_that_a_caller_was_told_is_lost(tmp_path: Path) -> None:
    chance = random.Random(KILLS)  # noqa: S311 - repeatable
    told: dict[str, int] = {}
    for seed in range(KILLS):
        told |= await killed(tmp_path, seed, chance.uniform(0.02, 0.8))
    async with open_store(tmp_path) as opened:
        prepare(opened, KILLS)
        archive = opened.archive(TERMS)
        await archive.sweep()
        kept = {message.id: message for message in await archive.messages(NUMBER)}
        mails = {row.key for row in await opened.outbox.rows([Fate.WAITING])}
    assert told
    assert told.keys() - kept.keys() == set()
    assert {name: kept[name].seconds for name in told} == told
    for message in kept.values():
        assert soundfile.info(str(message.path)).duration == message.seconds
    assert {key.split(":")[1] for key in mails} == kept.keys()
    files = {path.name for path in (tmp_path / "voicemail").glob("*/*")}
    assert files == {f"{name}{end}" for name in kept for end in (".wav", ".json")}
