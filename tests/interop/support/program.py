"""A softphone as a process: orders come in on standard input, words go out on standard output."""

import asyncio
import os
import sys
from collections.abc import Callable

import msgspec

from tests.interop.support.order import Order, Settings, Word

Say = msgspec.json.Encoder()


CANNOT = "this stack cannot do that"
POLL_SECONDS = 0.01
PATIENCE = 5.0


class PhoneError(Exception):
    """The phone could not do it; the status is SIP's, if there is one."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class Phone:
    """The small face that all softphones share; what a stack cannot do, it says."""

    async def start(self) -> None:
        """Bring up the stack."""

    async def register(self) -> None:
        """Register; raise when refused."""
        raise PhoneError(CANNOT)

    async def unregister(self) -> None:
        """Take the binding back."""
        raise PhoneError(CANNOT)

    async def call(self, uri: str) -> None:
        """Send an INVITE, and do not wait."""
        raise PhoneError(f"{CANNOT} call {uri}")

    async def answer(self) -> None:
        """Take the call that rings."""
        raise PhoneError(CANNOT)

    async def refuse(self, status: int) -> None:
        """Refuse the call that rings."""
        raise PhoneError(f"{CANNOT} answer {status}")

    async def hang_up(self) -> None:
        """End or cancel the call."""
        raise PhoneError(CANNOT)

    async def hold(self) -> None:
        """Put the far side on hold, and wait for its answer."""
        raise PhoneError(CANNOT)

    async def resume(self) -> None:
        """Take it off hold, and wait for its answer."""
        raise PhoneError(CANNOT)

    async def transfer(self, uri: str) -> None:
        """Lead the far side on to somebody else, and wait for what comes of it."""
        raise PhoneError(f"{CANNOT} transfer to {uri}")

    async def attend(self) -> None:
        """Connect the far sides of the first call and the last one, and wait likewise."""
        raise PhoneError(CANNOT)

    async def press(self, digits: str) -> None:
        """Send digits as telephone events."""
        raise PhoneError(f"{CANNOT} press {digits}")

    async def play(self, hertz: float) -> None:
        """Say this tone from now on; zero is silence."""
        raise PhoneError(f"{CANNOT} play {hertz} Hz")

    async def record(self, file: str, seconds: float) -> None:
        """Write what is heard from now on to a WAV file."""
        raise PhoneError(f"{CANNOT} record {seconds} s to {file}")

    async def abandon(self) -> None:
        """End every call."""

    async def close(self) -> None:
        """Take down the stack."""


async def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until something is so, and tell whether it came to be."""
    try:
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110 - the foreign stacks have no event for these
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return False
    return True


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
        case "transfer":
            await phone.transfer(order.text)
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
