"""The operator socket: one JSON line asks, one answers; a trace goes on line by line.

It is a Unix socket in the data folder that only the daemon's own user may open: whoever can read
the database may ask the switch.
"""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from switch.party import spellings
from switch.sip_trace import Message, Selection, SipTrace
from switch.view import Ask, Reply

SOCKET_NAME = "control.sock"

MAX_LINE_OCTETS = 16 * 1024 * 1024
"""The longest answer: a list of a hundred thousand bindings."""

MAX_ASK_OCTETS = 65_536
MAX_CLIENTS = 32
"""Operators at once."""

MAX_PENDING = 1000
"""Messages that wait for a slow follower; the rest of the storm is dropped for it."""

MAX_PATH_OCTETS = 107
"""What a Unix socket's address holds."""

ASK_SECONDS = 10.0
"""How long the command line waits for an answer."""

Result = TypeVar("Result")
Answer = Callable[[Ask], Awaitable[object]]


class ControlError(Exception):
    """The operator socket cannot be used, or the switch refused; the text is one line."""


class NotRunningError(ControlError):
    """Nobody answers on the operator socket."""


class ControlServer:
    """The switch's end."""

    def __init__(self, folder: Path, answers: Mapping[str, Answer], trace: SipTrace) -> None:
        self._path = folder / SOCKET_NAME
        self._answers = answers
        self._trace = trace
        self._clients = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Open the socket; raise `ControlError` when another switch has it."""
        if len(os.fsencode(self._path)) > MAX_PATH_OCTETS:
            raise ControlError(f"{self._path}: too long for a socket; choose a shorter data_dir")
        if is_answering(self._path.parent):
            raise ControlError(f"{self._path}: another switch runs on this data_dir; stop it first")
        try:
            self._path.unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                self._server = await asyncio.start_unix_server(
                    self._serve, self._path, limit=MAX_ASK_OCTETS
                )
            finally:
                os.umask(before)
        except OSError as error:
            raise ControlError(f"{self._path}: {error.strerror}") from None

    async def close(self) -> None:
        """Close the socket; followers are cut off."""
        if self._server is not None:
            self._server.close()
            with suppress(OSError):
                self._path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients += 1
        try:
            if self._clients <= MAX_CLIENTS:
                await self._converse(reader, writer)
        except (ConnectionError, ValueError, asyncio.CancelledError):
            pass  # an operator who leaves, or sends what is no line, ends only the own connection
        finally:
            self._clients -= 1
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.readline():
            try:
                ask = msgspec.json.decode(octets, type=Ask)
            except msgspec.MsgspecError as error:
                await _write(writer, Reply(error=f"no question: {error}"))
                continue
            if ask.command == "trace":
                await self._send_trace(ask, reader, writer)
                return
            await _write(writer, await self._answer(ask))

    async def _answer(self, ask: Ask) -> Reply:
        answer = self._answers.get(ask.command)
        if answer is None:
            return Reply(error=f"unknown command {ask.command}")
        try:
            return Reply(result=msgspec.Raw(msgspec.json.encode(await answer(ask))))
        except (ControlError, ValueError) as error:
            return Reply(error=str(error))

    async def _send_trace(
        self, ask: Ask, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send what is kept, then what comes, until the operator leaves."""
        wanted = await self._selection(ask)
        for message in self._trace.messages():
            if wanted.wants(message):
                await _write(writer, _shown(message, ask))
        if not ask.follow:
            return
        pending: asyncio.Queue[Message] = asyncio.Queue(MAX_PENDING)

        def take(message: Message) -> None:
            with suppress(asyncio.QueueFull):
                pending.put_nowait(message)

        if not self._trace.watch(take):
            return
        try:
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(
                    _forward(pending, wanted, ask, writer), name="trace follower"
                )
                await reader.read()  # comes back when the operator leaves
                sending.cancel()
        except ExceptionGroup:
            pass  # the operator left while a line was on its way
        finally:
            self._trace.unwatch(take)

    async def _selection(self, ask: Ask) -> Selection:
        """Turn our call identifier into the SIP Call-IDs of its legs."""
        users = spellings(ask.user) if ask.user else frozenset()
        if not ask.call_id:
            return Selection(users=users)
        reply = await self._answer(Ask("sip_call_ids", call_id=ask.call_id))
        found = [] if reply.error else msgspec.json.decode(reply.result, type=list[str])
        return Selection(frozenset(found) or frozenset({ask.call_id}), users)


async def ask(folder: Path, question: Ask, kind: type[Result]) -> Result:
    """Ask the switch that runs on this data folder; raise `ControlError` without an answer."""
    reader, writer = await _connect(folder)
    try:
        async with asyncio.timeout(ASK_SECONDS):
            writer.write(msgspec.json.encode(question) + b"\n")
            octets = await reader.readline()
        reply = msgspec.json.decode(octets, type=Reply)
        if reply.error:
            raise ControlError(reply.error)
        return msgspec.json.decode(reply.result, type=kind)
    except (TimeoutError, ValueError, OSError) as error:
        raise ControlError(f"the switch does not answer: {error}") from None
    finally:
        writer.close()


async def follow(folder: Path, question: Ask) -> AsyncGenerator[Message]:
    """Walk the messages that the switch sends for a `trace` question."""
    reader, writer = await _connect(folder)
    try:
        writer.write(msgspec.json.encode(question) + b"\n")
        while octets := await reader.readline():
            yield msgspec.json.decode(octets, type=Message)
    except OSError as error:
        raise ControlError(f"the switch has gone: {error}") from None
    finally:
        writer.close()


async def _connect(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    path = folder / SOCKET_NAME
    try:
        return await asyncio.open_unix_connection(path, limit=MAX_LINE_OCTETS)
    except OSError:
        raise NotRunningError(
            f"no switch runs on {folder} (nothing answers at {path}); "
            "start it with `daihyo run`, or name its configuration with -c"
        ) from None


async def _forward(
    pending: asyncio.Queue[Message], wanted: Selection, ask: Ask, writer: asyncio.StreamWriter
) -> None:
    while True:
        message = await pending.get()
        if wanted.wants(message):
            await _write(writer, _shown(message, ask))


async def _write(writer: asyncio.StreamWriter, value: Reply | Message) -> None:
    writer.write(msgspec.json.encode(value) + b"\n")
    await writer.drain()


def _shown(message: Message, ask: Ask) -> Message:
    """Leave out what the operator did not ask to see before it leaves the process."""
    if ask.reveal:
        return message
    octets = message.text().replace("\n", "\r\n").encode()
    return msgspec.structs.replace(message, octets=octets)


def is_answering(folder: Path) -> bool:
    """Tell whether a switch runs on this data folder."""
    path = folder / SOCKET_NAME
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
