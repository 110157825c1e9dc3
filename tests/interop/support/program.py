"""A softphone as a process: orders come in on standard input, words go out on standard output."""

import asyncio
import os
import sys
from typing import Protocol

import msgspec

from tests.interop.support.order import Order, Settings, Word

Say = msgspec.json.Encoder()


class PhoneError(Exception):
    """The phone could not do it; the status is SIP's, if there is one."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Phone(Protocol):
    """The small face that all softphones share."""

    async def start(self) -> None:
        """Bring up the stack."""

    async def register(self) -> None:
        """Register; raise when refused."""

    async def unregister(self) -> None:
        """Take the binding back."""

    async def call(self, uri: str) -> None:
        """Send an INVITE, and do not wait."""

    async def answer(self) -> None:
        """Take the call that rings."""

    async def refuse(self, status: int) -> None:
        """Refuse the call that rings."""

    async def hang_up(self) -> None:
        """End or cancel the call."""

    async def hold(self) -> None:
        """Put the far side on hold."""

    async def resume(self) -> None:
        """Take it off hold."""

    async def press(self, digits: str) -> None:
        """Send digits as telephone events."""

    async def play(self, hertz: float) -> None:
        """Say this tone from now on; zero is silence."""

    async def record(self, file: str, seconds: float) -> None:
        """Write what is heard from now on to a WAV file."""

    async def abandon(self) -> None:
        """End every call."""

    async def close(self) -> None:
        """Take down the stack."""


def say(word: Word) -> None:
    """Tell the test."""
    os.write(_OUT, Say.encode(word) + b"\n")


async def serve(phone: Phone) -> None:
    """Obey until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await phone.start()
    say(Word("ready"))
    async with asyncio.TaskGroup() as tasks:
        while text := await reader.readline():
            tasks.create_task(_obey(phone, msgspec.json.decode(text, type=Order)))
    await phone.close()


def settings() -> Settings:
    """Read the settings from the command line."""
    return msgspec.json.decode(sys.argv[1], type=Settings)


async def _obey(phone: Phone, order: Order) -> None:
    try:
        await _do(phone, order)
    except PhoneError as error:
        say(Word("failed", order.number, str(error), error.status))
    except Exception as error:  # noqa: BLE001 - whatever a foreign stack raises, the test shall see it
        say(Word("failed", order.number, f"{type(error).__name__}: {error}"))
    else:
        say(Word("done", order.number))


async def _do(phone: Phone, order: Order) -> None:
    match order.do:
        case "call":
            await phone.call(order.text)
        case "refuse":
            await phone.refuse(int(order.amount))
        case "press":
            await phone.press(order.text)
        case "play":
            await phone.play(order.amount)
        case "record":
            await phone.record(order.text, order.amount)
        case _:
            await getattr(phone, order.do)()


_OUT = os.dup(1)
"""The stacks print what they like on standard output; that goes to standard error."""
os.dup2(2, 1)
