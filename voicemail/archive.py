"""The archive of messages: accepted when their file is whole, kept until they are forgotten.

A slip goes to the disk before the recording, the sound during it, and the row with its mails after
it. Wherever the power fails, the next start finds what is there (`sweep`): once the sound has its
name, the message is kept, whether the caller has heard so or not.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from switch.effect import Fields, Level, Log
from voicemail.folder import Folder
from voicemail.mailbox import Mailboxes
from voicemail.message import Message, MessageState, Slip
from voicemail.message_store import PURGED_AT_ONCE, HashedLink, MessageStore
from voicemail.notification import Link, Notification

LOOK_SECONDS = 3.0
"""How late lamps follow what another process changed, and rows come that are late."""

PURGE_SECONDS = 3600.0
DAY = 86_400.0

LEAST_FREE_OCTETS = 100 * 1024 * 1024
"""With less room nothing is recorded: the database, which shares the disk, needs the rest."""

MAX_TOLD = 10
"""Log lines of one kind that one sweep writes; the last counts the others."""

FULL = "mailbox full"
DISK_FULL = "disk full"
DISK_FAULT = "disk at fault"

Values = Mapping[str, str | float | None]
"""What columns become."""

_UNDELETED = (MessageState.NEW, MessageState.SAVED)


class RefusedError(Exception):
    """No message can be taken; `reason` is one of this module's, `detail` the system's word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Terms:
    """How long messages are kept, and which are none."""

    retention_seconds: float = 30 * DAY
    undelete_seconds: float = DAY
    link_seconds: float = 7 * DAY
    shortest_seconds: float = 1.0
    """What sounds for less is dropped: somebody hung up after the beep."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A message that is to be recorded into `path`."""

    slip: Slip
    path: Path


@dataclass(frozen=True, slots=True)
class World:
    """What the archive is given: the wall clock, secrets, a log, and who hears of changes."""

    unix: Callable[[], float]
    secret: Callable[[int], str]
    """Makes so many random octets, in letters for a URL."""
    log: Callable[[Log], None]
    changed: Callable[[str], None] = lambda _number: None
    """A number's messages have changed: its lamps may have to."""
    posted: Callable[[], None] = lambda: None
    """Mail was written."""


class Archive:
    """Every message of the switch."""

    def __init__(
        self,
        store: MessageStore,
        folder: Folder,
        mailboxes: Mailboxes,
        notification: Notification,
        terms: Terms,
        world: World,
    ) -> None:
        self.mailboxes = mailboxes
        self._store = store
        self._folder = folder
        self._notification = notification
        self._terms = terms
        self._world = world
        self._recording: set[str] = set()
        self._late: dict[str, Slip] = {}
        """Messages on the disk that the database has not taken yet."""
        self._looked_at = 0.0
        self._purge_at = 0.0
        self._is_failing = False
        self._stop = asyncio.Event()

    # A message comes.

    async def begin(
        self, number: str, contract: str, caller: str | None, addresses: tuple[str, ...] = ()
    ) -> Recording:
        """Make the place of a message; raises `RefusedError` when there is none."""
        if self.mailboxes.is_full(number):
            raise self._refusal(number, contract, FULL)
        at = self._world.unix()
        name = f"{round(at * 1000):013d}-{self._world.secret(8)}"
        slip = Slip(name, number, contract, caller, at, addresses)
        self._recording.add(name)
        self.mailboxes.begin(number)
        try:
            return Recording(slip, await asyncio.to_thread(self._place, slip))
        except OSError as error:
            self._end(slip)
            reason = DISK_FULL if error.errno in {ENOSPC, EDQUOT} else DISK_FAULT
            raise self._refusal(number, contract, reason, error.strerror or "") from error
        except BaseException:
            self._end(slip)
            raise

    async def keep(
        self, recording: Recording, *, seconds: float, sounding_seconds: float
    ) -> Message | None:
        """Accept a message whose sound is whole on the disk; None when it is too short to be one.

        It is accepted even while the database is away: the disk has it, and its row comes later.
        """
        slip = recording.slip
        if sounding_seconds < self._terms.shortest_seconds:
            await self.drop(recording, "too short")
            return None
        message = self._message(slip, seconds)
        try:
            await self._write(slip, message)
        except (SQLAlchemyError, OSError) as error:
            self._late[slip.id] = slip
            self._tell_failing(error)
        finally:
            self._end(slip)
        return message

    async def drop(self, recording: Recording, reason: str) -> None:
        """Forget a message that is none: too short, or its recording failed."""
        slip = recording.slip
        try:
            await asyncio.to_thread(self._folder.remove, slip.number, slip.id)
        except OSError as error:
            self._tell("voicemail_unremoved", Level.ERROR, slip, reason=str(error))
        finally:
            self._end(slip)
        self._tell("voicemail_dropped", Level.INFO, slip, reason=reason)

    # A message is used: by phone, portal or link.

    async def find(self, name: str) -> Message | None:
        """Find a message by its name."""
        return await self._store.find(name)

    async def messages(self, number: str, *, deleted: bool = False) -> list[Message]:
        """List a number's messages, the oldest first."""
        return await self._store.messages([number], deleted=deleted)

    async def by_link(self, token: str) -> Message | None:
        """Find the message of a link that was mailed; None when it is over."""
        return await self._store.by_link(digest_of(token), self._world.unix())

    async def mark_read(self, name: str) -> Message | None:
        """Note that a message was heard; None when there is no such message."""
        at = self._world.unix()
        values: Values = {"state": MessageState.SAVED.value, "read_at": at}
        changed = await self._store.change(name, [MessageState.NEW], values, at=at)
        return await self._shown(changed) or await self._undeleted(name)

    async def save(self, name: str) -> Message | None:
        """Save a message; None when there is no such message, or it is deleted."""
        return await self._change(name, _UNDELETED, {"state": MessageState.SAVED.value})

    async def delete(self, name: str) -> Message | None:
        """Delete a message, which can be undone for a while; None when there is no such one."""
        at = self._world.unix()
        values: Values = {"state": MessageState.DELETED.value, "deleted_at": at}
        return await self._change(name, _UNDELETED, values)

    async def undelete(self, name: str) -> Message | None:
        """Take a deletion back; None when it is too late."""
        found = await self._store.find(name)
        if found is None or found.deleted_at is None:
            return None
        if found.deleted_at < self._world.unix() - self._terms.undelete_seconds:
            return None
        state = MessageState.NEW if found.read_at is None else MessageState.SAVED
        values: Values = {"state": state.value, "deleted_at": None}
        return await self._change(name, (MessageState.DELETED,), values)

    # Time goes by.

    async def load(self) -> None:
        """Count every mailbox, at the start; raises SQLAlchemyError."""
        self._looked_at = self._world.unix()
        self.mailboxes.replace(await self._store.tallies())

    async def run(self) -> None:
        """Sweep, then look after messages until `close`."""
        await self._guarded(self.sweep)
        while not self._stop.is_set():
            await self._guarded(self.turn)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._stop.wait()

    def close(self) -> None:
        """Let `run` end."""
        self._stop.set()

    async def turn(self) -> None:
        """Write rows that are late, follow what others changed, forget what is over."""
        for slip in list(self._late.values()):
            await self._write_late(slip)
        if self._is_failing:
            self._is_failing = False
            self._world.log(Log("voicemail_store_recovered", Level.INFO, {}))
        now = self._world.unix()
        # One second twice, because clocks of processes differ.
        await self._renew(await self._store.changed_since(self._looked_at - 1))
        self._looked_at = now
        if now >= self._purge_at:
            self._purge_at = now + PURGE_SECONDS
            await self.purge()

    async def purge(self) -> int:
        """Forget messages that are too old or were deleted long ago; return how many."""
        now, count = self._world.unix(), 0
        while found := await self._store.expired(
            started_before=now - self._terms.retention_seconds,
            deleted_before=now - self._terms.undelete_seconds,
        ):
            # The files first: a row without a file is found again, a file without a row is kept.
            await asyncio.to_thread(self._remove, found)
            await self._store.forget(message.id for message in found)
            await self._renew({message.number for message in found})
            count += len(found)
            if len(found) < PURGED_AT_ONCE:
                break
        if count:
            self._world.log(Log("voicemail_purged", Level.INFO, {"messages": count}))
        return count

    async def sweep(self) -> int:
        """Find what a crash left: make messages of it, report what is missing; return how many."""
        known = await self._store.known()
        await asyncio.to_thread(self._folder.tidy, self._recording)
        slips = await asyncio.to_thread(lambda: list(self._folder.slips(known)))
        recovered = 0
        for slip in slips:
            if slip.id not in self._recording and slip.id not in self._late:
                recovered += await self._recover(slip)
        missing, strays = await asyncio.to_thread(self._inspect, known)
        self._report("voicemail_missing", missing)
        self._report("voicemail_stray", strays)
        return recovered

    async def _recover(self, slip: Slip) -> bool:
        try:
            seconds = await asyncio.to_thread(self._folder.salvage, slip)
        except OSError as error:
            self._tell("voicemail_broken", Level.ERROR, slip, reason=str(error))
            return False
        if seconds is not None and not seconds:
            self._tell("voicemail_broken", Level.ERROR, slip, reason="it is no recording")
            await asyncio.to_thread(self._folder.set_aside, slip)
            return False
        if seconds is None or seconds < self._terms.shortest_seconds:
            await self.drop(Recording(slip, Path()), "cut off")
            return False
        if await self._write(slip, self._message(slip, seconds)):
            self._tell("voicemail_recovered", Level.WARNING, slip, seconds=round(seconds, 1))
            return True
        return False

    async def _write_late(self, slip: Slip) -> None:
        seconds = await asyncio.to_thread(self._folder.salvage, slip)
        if seconds is not None:
            await self._write(slip, self._message(slip, seconds))
        self._late.pop(slip.id, None)

    async def _write(self, slip: Slip, message: Message) -> bool:
        at = self._world.unix()
        link = Link(self._world.secret(24), at + self._terms.link_seconds)
        mails = self._notification.mails(message, slip.addresses, link)
        hashed = HashedLink(digest_of(link.token), link.expires_at)
        is_new = await self._store.add(message, hashed, mails, at=at)
        if is_new:
            seconds = round(message.seconds, 1)
            self._tell("voicemail_stored", Level.INFO, slip, seconds=seconds, mails=len(mails))
            await self._renew({message.number})
            if mails:
                self._world.posted()
        return is_new

    async def _change(
        self, name: str, before: Iterable[MessageState], values: Values
    ) -> Message | None:
        at = self._world.unix()
        return await self._shown(await self._store.change(name, list(before), values, at=at))

    async def _shown(self, message: Message | None) -> Message | None:
        """Let lamps follow a change."""
        if message is not None:
            await self._renew({message.number})
        return message

    async def _undeleted(self, name: str) -> Message | None:
        found = await self._store.find(name)
        return found if found is not None and found.state in _UNDELETED else None

    async def _renew(self, numbers: set[str]) -> None:
        if not numbers:
            return
        tallies = await self._store.tallies(numbers)
        changed = [number for number in tallies if tallies[number] != self.mailboxes.tally(number)]
        self.mailboxes.replace(tallies)
        for number in changed:
            self._world.changed(number)

    def _message(self, slip: Slip, seconds: float) -> Message:
        return Message(
            id=slip.id,
            number=slip.number,
            contract=slip.contract,
            caller=slip.caller,
            started_at=slip.started_at,
            seconds=seconds,
            state=MessageState.NEW,
            read_at=None,
            deleted_at=None,
            path=self._folder.path(slip.number, slip.id),
        )

    def _place(self, slip: Slip) -> Path:
        if self._folder.free_octets() < LEAST_FREE_OCTETS:
            raise OSError(ENOSPC, f"less than {LEAST_FREE_OCTETS} octets are free")
        return self._folder.begin(slip)

    def _end(self, slip: Slip) -> None:
        if slip.id in self._recording:
            self._recording.remove(slip.id)
            self.mailboxes.end(slip.number)

    def _remove(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._folder.remove(message.number, message.id)

    def _inspect(self, known: dict[str, str]) -> tuple[list[Path], list[Path]]:
        """Find rows without sound, and sound without anything."""
        paths = [self._folder.path(number, name) for name, number in known.items()]
        strays = [path for path in self._folder.strays() if path.stem not in known]
        return [path for path in paths if not path.exists()], strays

    def _report(self, event: str, paths: list[Path]) -> None:
        for path in paths[:MAX_TOLD]:
            self._world.log(Log(event, Level.ERROR, {"path": str(path), "in_all": len(paths)}))

    def _refusal(self, number: str, contract: str, reason: str, detail: str = "") -> RefusedError:
        fields: Fields = {
            "number": number,
            "contract": contract,
            "reason": reason,
            "detail": detail,
        }
        self._world.log(Log("voicemail_refused", Level.WARNING, fields))
        return RefusedError(reason, detail)

    async def _guarded(self, act: Callable[[], Awaitable[object]]) -> None:
        try:
            await act()
        except (SQLAlchemyError, OSError) as error:
            self._tell_failing(error)

    def _tell_failing(self, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            fields: Fields = {"reason": reason, "waiting": len(self._late)}
            self._world.log(Log("voicemail_store_unavailable", Level.ERROR, fields))

    def _tell(self, event: str, level: Level, slip: Slip, **fields: str | float) -> None:
        told: Fields = {"message": slip.id, "number": slip.number, "contract": slip.contract}
        self._world.log(Log(event, level, {**told, **fields}))


def digest_of(token: str) -> str:
    """Hash a link's secret; it is long and random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
