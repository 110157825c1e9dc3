"""Write-behind: effects are taken at once and reach the database in batches.

The queue is bounded, the disk is retried as long as it takes, and what cannot be kept is counted.
A record that the database will not have is dropped alone, so that it blocks no other.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from switch.effect import Level, Log, StoreEffect
from switch.store.database import Database

MAX_QUEUED = 200_000
"""About 200 MiB, and half an hour at a hundred calls a second with the disk full."""

MAX_BATCH = 1000
"""Rows in one transaction; more would hold SQLite's lock for long and gain nothing."""

GATHER_SECONDS = 0.05
"""How long the first row of a batch waits for others."""

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 5.0
"""Seconds between attempts at a locked, full or absent database."""

CLOSE_SECONDS = 5.0
"""How long a shutdown waits for the database to take what is left."""


class StoreWriter:
    """The queue between the call path and the database."""

    def __init__(self, database: Database, log: Callable[[Log], None]) -> None:
        self.dropped = 0
        """Effects lost since the start: the queue was full, or the database refused them."""
        self.written = 0
        """Effects in the database since the start."""
        self._database = database
        self._log = log
        self._queue: deque[StoreEffect] = deque()
        self._ready = asyncio.Event()
        self._is_closing = False
        self._is_failing = False
        self._told_full = False

    def __len__(self) -> int:
        return len(self._queue)

    def write(self, effect: StoreEffect) -> None:
        """Take an effect; it is in the database about 50 ms later."""
        if len(self._queue) >= MAX_QUEUED:
            self.dropped += 1
            if not self._told_full:
                self._told_full = True
                self._log(Log("store_queue_full", Level.ERROR, {"queued": len(self._queue)}))
            return
        self._queue.append(effect)
        self._ready.set()

    async def run(self) -> None:
        """Write batches until `close`, then what is left."""
        back_off = FIRST_BACK_OFF
        while self._queue or not self._is_closing:
            await self._ready.wait()
            if not self._is_closing:
                await asyncio.sleep(GATHER_SECONDS)
            if await self._write_batch():
                back_off = FIRST_BACK_OFF
            else:
                await asyncio.sleep(back_off)
                back_off = min(2 * back_off, LONGEST_BACK_OFF)
            if not self._queue and not self._is_closing:
                self._ready.clear()

    def close(self) -> None:
        """Let `run` end as soon as the queue is written; bound it with `CLOSE_SECONDS`."""
        self._is_closing = True
        self._ready.set()

    async def _write_batch(self) -> bool:
        """Move the head of the queue to the database; say False when it must be tried again."""
        batch = [self._queue[i] for i in range(min(len(self._queue), MAX_BATCH))]
        if not batch:
            return True
        try:
            try:
                await self._database.write(batch)
                self.written += len(batch)
            except OperationalError:
                raise
            except (SQLAlchemyError, ValueError, OverflowError):
                await self._write_singly(batch)
        except (OperationalError, OSError) as error:
            self._tell_failing(error)
            return False
        for _ in batch:
            self._queue.popleft()
        if self._is_failing:
            self._is_failing = self._told_full = False
            self._log(Log("store_recovered", Level.INFO, {"queued": len(self._queue)}))
        return True

    async def _write_singly(self, batch: list[StoreEffect]) -> None:
        """Find the rows that spoil a batch."""
        for effect in batch:
            try:
                await self._database.write([effect])
            except OperationalError:
                raise
            except (SQLAlchemyError, ValueError, OverflowError) as error:
                self.dropped += 1
                reason = str(error).splitlines()[0]
                what = type(effect).__name__
                self._log(Log("store_refused", Level.ERROR, {"what": what, "reason": reason}))
            else:
                self.written += 1

    def _tell_failing(self, error: Exception) -> None:
        if self._is_failing:
            return
        self._is_failing = True
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        queued = len(self._queue)
        line = Log("store_unavailable", Level.ERROR, {"reason": reason, "queued": queued})
        self._log(line)
