"""The outbox's worker: sends what is due, waits for servers that are away, and gives up in the end.

A mail's own failures count against it; a server that is away counts against nobody, so that a day
without one loses nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from outbox.back_off import BackOff
from outbox.fault import Deferred, OutboxFault, Rejected, Unavailable
from outbox.letter import message_id
from outbox.store import LEASE_SECONDS, Fate, OutboxStore, Row
from switch.effect import Fields, Level, Log

BATCH = 20
"""Rows over one connection; fewer than most servers take over one."""

LOOK_SECONDS = 5.0
"""How late a row is noticed that nobody told of, such as one that the command line retries."""

SEND_SECONDS = 120.0
"""No single mail takes longer; with half a lease before it, no lease ends under it."""

FORGET_SECONDS = 3600.0
"""How often what was sent long ago is forgotten."""

CLOSED = "the server closes every connection at once"

SERVER_BACK_OFF = BackOff(first=5.0, longest=300.0, attempts=1 << 62)
"""A server that is away is tried for ever: its rows wait on the disk."""


class Round(Protocol):
    """A way to the world that is open for some rows."""

    @property
    def is_alive(self) -> bool:
        """Whether it takes a further row."""

    async def send(self, row: Row) -> None:
        """Send a row; raises an `OutboxFault`."""


class Courier(Protocol):
    """Whoever brings the rows of one kind."""

    def open(self) -> AbstractAsyncContextManager[Round]:
        """Open a way; raises `Unavailable`."""


class OutboxWorker:
    """Sends the rows of one outbox."""

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        store: OutboxStore,
        courier: Courier,
        *,
        unix: Callable[[], float],
        uniform: Callable[[float, float], float],
        log: Callable[[Log], None],
        domain: str,
        back_off: BackOff | None = None,
        keep_seconds: float = 30 * 86_400.0,
    ) -> None:
        self.counts = dict.fromkeys(Fate, 0)
        """Rows of each state, as the last look found them."""
        self._store = store
        self._courier = courier
        self._unix = unix
        self._uniform = uniform
        self._log = log
        self._domain = domain
        self._back_off = back_off or BackOff()
        self._keep_seconds = keep_seconds
        self._wake = asyncio.Event()
        self._is_closing = False
        self._failures = 0
        """Attempts at the server in a row that failed."""
        self._is_store_failing = False
        self._away_until = 0.0
        self._forget_at = 0.0

    def wake(self) -> None:
        """Look at once: a row was written."""
        self._wake.set()

    def close(self) -> None:
        """Let `run` end after the mail that is being sent; what is not sent stays."""
        self._is_closing = True
        self._wake.set()

    async def run(self) -> None:
        """Send until `close`."""
        while not self._is_closing:
            pause = await self.turn()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            if not self._is_closing:
                self._wake.clear()

    async def turn(self) -> float:
        """Send what is due; return after how many seconds to look again."""
        now = self._unix()
        try:
            if now >= self._forget_at:
                self._forget_at = now + FORGET_SECONDS
                await self._store.forget(now - self._keep_seconds)
            if now >= self._away_until:
                while rows := await self._claimed():
                    await self._deliver(rows)
            self.counts = await self._store.counts()
            pause = await self._pause()
        except (SQLAlchemyError, OSError) as error:
            self._tell_store_failing(error)
            return LOOK_SECONDS
        if self._is_store_failing:
            self._is_store_failing = False
            self._tell("outbox_recovered", Level.INFO)
        return pause

    async def _claimed(self) -> list[Row]:
        if self._is_closing or self._unix() < self._away_until:
            return []
        return await self._store.claim(self._unix(), BATCH)

    async def _pause(self) -> float:
        now = self._unix()
        if now < self._away_until:
            return min(LOOK_SECONDS, self._away_until - now)
        due = await self._store.next_due()
        return LOOK_SECONDS if due is None else min(LOOK_SECONDS, max(0.0, due - now))

    async def _deliver(self, rows: Sequence[Row]) -> None:
        """Send rows over one connection as far as it carries, and give the others back."""
        claimed_at = self._unix()
        left = list(rows)
        try:
            async with self._courier.open() as round_:
                self._note_server()
                while left and round_.is_alive and self._may_go_on(claimed_at):
                    # Off the list first: a connection that breaks under a mail is the mail's fault.
                    await self._send(round_, left.pop(0))
                is_refused = len(left) == len(rows) and not round_.is_alive
            if is_refused:
                self._note_server_away(Unavailable(CLOSED))
        except Unavailable as error:
            self._note_server_away(error)
        await self._store.hand_back(left, claimed_at)

    def _may_go_on(self, claimed_at: float) -> bool:
        return not self._is_closing and self._unix() < claimed_at + LEASE_SECONDS / 2

    async def _send(self, round_: Round, row: Row) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await round_.send(row)
        except Unavailable as error:
            # It counts against the mail as well: perhaps the server leaves because of it.
            await self._defer(row, error)
            raise Unavailable(*error.args) from error
        except Rejected as error:
            await self._bury(row, error)
        except Deferred as error:
            await self._defer(row, error)
        except TimeoutError:
            await self._defer(row, Deferred(f"not taken within {SEND_SECONDS:g} s"))
        except Exception as error:  # noqa: BLE001 - one strange row must not stop the others
            await self._defer(row, Deferred(repr(error)))
        else:
            self._tell_of(row, "mail_sent", Level.INFO, attempts=row.attempts + 1)
            await self._store.sent(row, self._unix())

    async def _defer(self, row: Row, fault: OutboxFault) -> None:
        wait = self._back_off.wait(row.attempts + 1, self._uniform)
        if wait is None:
            await self._bury(row, fault)
            return
        now = self._unix()
        self._tell_of(
            row,
            "mail_deferred",
            Level.WARNING,
            attempts=row.attempts + 1,
            reason=str(fault),
            next_in=round(wait),
        )
        await self._store.defer(row, str(fault), due_at=now + wait, now=now)

    async def _bury(self, row: Row, fault: OutboxFault) -> None:
        self._tell_of(row, "mail_failed", Level.ERROR, attempts=row.attempts + 1, reason=str(fault))
        await self._store.bury(row, str(fault), self._unix())

    def _note_server(self) -> None:
        if self._failures:
            self._failures = 0
            self._tell("mail_server_recovered", Level.INFO)

    def _note_server_away(self, error: OutboxFault) -> None:
        self._failures += 1
        wait = SERVER_BACK_OFF.wait(self._failures, self._uniform) or SERVER_BACK_OFF.longest
        self._away_until = self._unix() + wait
        if self._failures == 1:
            self._tell("mail_server_unavailable", Level.ERROR, reason=str(error))

    def _tell_store_failing(self, error: Exception) -> None:
        if not self._is_store_failing:
            self._is_store_failing = True
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._tell("outbox_unavailable", Level.ERROR, reason=reason)

    def _tell_of(self, row: Row, event: str, level: Level, **fields: str | float) -> None:
        name = message_id(row.key, self._domain)
        told: Fields = {"mail": row.id, "contract": row.contract, "recipient": row.recipient}
        self._log(Log(event, level, {**told, "message_id": name, **fields}))

    def _tell(self, event: str, level: Level, **fields: str | float) -> None:
        self._log(Log(event, level, {**fields}))
