"""Fifty callers at once who leave messages until the process is killed; run as a program.

Each that is told "stored" is a line on stdout: `told ID SECONDS`. Recordings go through the media
plane's own disk thread.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from media.disk import Disk
from media.plane import Record, RecordEnd, RecordEnded
from tests.support.archive import MAIL, NUMBER, RATE_HZ, Store, sound
from tests.support.archive import store as open_store
from voicemail.archive import Archive, Terms
from voicemail.mailbox import Quota

CALLERS = 50
TICK = 0.005
"""Real seconds for a second of sound."""
TERMS = Terms(retention_seconds=1e9)
ENDLESS = Quota(10**9, 1e9)


class Callers:
    """The callers and what they wait for."""

    def __init__(self, archive: Archive, chance: random.Random) -> None:
        self._archive = archive
        self._chance = chance
        self._ends: dict[str, asyncio.Future[RecordEnded]] = {}
        self._disk = Disk(lambda ended: self._ends.pop(ended.path).set_result(ended))

    async def leave_messages(self, caller: int) -> None:
        """Leave one message after another."""
        while True:
            place = await self._archive.begin(NUMBER, "shop", f"+8190{caller:08d}", MAIL)
            path = str(place.path)
            command = Record(endpoint=f"e{caller}", path=path)
            file = self._disk.open(command, RATE_HZ, lambda _command, why: print("fault", why))  # noqa: T201
            seconds = self._chance.randint(1, 6)
            for _ in range(seconds):
                file.write(sound(1.0))
                await asyncio.sleep(TICK * self._chance.random() * 2)
            end = self._ends[path] = asyncio.get_running_loop().create_future()
            file.finish(RecordEnded(command.endpoint, path, RecordEnd.HANGUP, seconds, seconds))
            await end
            kept = await self._archive.keep(place, seconds=seconds, sounding_seconds=seconds)
            if kept is not None:
                os.write(1, f"told {kept.id} {seconds}\n".encode())


async def main(folder: Path, seed: int) -> None:
    """Start as the switch starts, then take calls."""
    async with open_store(folder) as opened:
        prepare(opened, seed)
        archive = opened.archive(TERMS)
        await archive.load()
        await archive.sweep()
        os.write(1, b"ready\n")
        callers = Callers(archive, random.Random(seed))  # noqa: S311 - repeatable
        async with asyncio.TaskGroup() as tasks:
            for caller in range(CALLERS):
                tasks.create_task(callers.leave_messages(caller))


def prepare(opened: Store, seed: int) -> None:
    """Let the store's names differ from those of earlier starts, and its mailboxes be endless."""
    opened.quota = ENDLESS
    opened.start_names(1 + seed * 10_000_000)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
