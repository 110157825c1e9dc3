"""Measure the CPU time of one call detail record, written in batches: `python bench/store.py`."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

from switch.effect import Log, WriteCdr
from switch.store.database import Database, sqlite_url
from switch.store.writer import StoreWriter

RECORDS = 20_000


def record(number: int) -> WriteCdr:
    """Make one leg's record of usual size."""
    return WriteCdr(
        f"{number:016x}", "a", "inbound", "demonstration", "101", None, "+81312345678", "102",
        1.7e9, 1.7e9 + 1, 1.7e9 + 3, 1.7e9 + 60, 200, "normal", "caller", f"{number}@192.0.2.1",
        '{"streams":[{"packets_received":3000,"packets_sent":3000,"jitter_ms":1.2}]}',
        '[{"rule":"extension","input":"102","outcome":"device 102"}]',
    )  # fmt: skip


def silent(_line: Log) -> None:
    """Drop a log line."""


async def measure() -> float:
    """Write the records; return microseconds of CPU, all threads, for each."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(sqlite_url(Path(folder) / "x.db"), migrate=True)
        writer = StoreWriter(database, silent)
        records = [record(number) for number in range(RECORDS)]
        start = sum(os.times()[:2])
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.run(), name="store")
            for position in range(0, RECORDS, 200):
                for effect in records[position : position + 200]:
                    writer.write(effect)
                await asyncio.sleep(0)
            writer.close()
        used = sum(os.times()[:2]) - start
        await database.close()
    return used / RECORDS * 1e6


def main() -> None:
    """Print one line."""
    begun = time.monotonic()
    cost = asyncio.run(measure())
    print(f"{cost:.1f} µs of CPU a record ({time.monotonic() - begun:.1f} s for {RECORDS})")


if __name__ == "__main__":
    main()
