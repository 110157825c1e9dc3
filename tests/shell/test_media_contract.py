"""The simulated media plane does what the real one does: the same scripts, the same reports."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    AudioFormat,
    Collect,
    Connect,
    Digit,
    DigitHeard,
    DigitsCollected,
    Direct,
    MediaAddress,
    PlaneCommand,
    PlaneReport,
    Play,
    PlayEnded,
    Prompt,
    Record,
    RecordEnded,
    Release,
    Released,
    Silence,
    StopCollect,
    StopPlay,
    StopRecord,
    Terminate,
    Terminated,
    TerminationFailed,
    Tone,
    ToneName,
)
from media.relay import UvloopRelay
from tests.shell.test_media_termination import Bench, bench
from tests.support.media import SimulatedMediaPlane
from tests.support.network import SimulatedNetwork
from tests.support.sound import sine

PCMU = AudioFormat("PCMU", 0)
BEEP = Tone(ToneName.BEEP)
FAR = MediaAddress("192.0.2.1", 4000, 4001)


class Stage(Protocol):
    """A media plane with far sides that speak and press keys."""

    def perform(self, command: PlaneCommand) -> None:
        """Give a command."""

    async def place(self, endpoint: str) -> None:
        """Put a far side on a new endpoint."""

    async def wait(self, seconds: float) -> None:
        """Let time pass."""

    async def say(self, seconds: float) -> None:
        """Let the far side of `a` speak from now on, for so long."""

    def press(self, digit: str) -> None:
        """Let the far side of `a` press a key."""

    def reports(self) -> list[PlaneReport]:
        """Give what was told so far."""


Script = Callable[[Stage, Path], Awaitable[None]]


class SimulatedStage:
    """The plane of the scenarios."""

    def __init__(self, capacity: int, most: int) -> None:
        self._network = SimulatedNetwork()
        self._told: list[PlaneReport] = []
        self._plane = SimulatedMediaPlane(self._network, self._told.append, capacity=capacity)
        self._plane.max_terminals = most
        self._plane.speech["a"] = 0.0

    def perform(self, command: PlaneCommand) -> None:
        """Give a command."""
        self._plane.perform(command)

    async def place(self, endpoint: str) -> None:
        """Put a far side on a new endpoint."""
        self.perform(Allocate(endpoint, "call"))
        self.perform(Direct(endpoint, 0, FAR))
        await self.wait(0.1)

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._network.run_for(seconds)

    async def say(self, seconds: float) -> None:
        """Let the far side speak."""
        self._plane.speech["a"] = seconds
        self._network.run_for(seconds)

    def press(self, digit: str) -> None:
        """Let the far side press a key."""
        self._plane.press("a", digit)

    def reports(self) -> list[PlaneReport]:
        """Give what was told so far."""
        return self._told


class RealStage:
    """The plane that terminates, over a relay on loopback."""

    def __init__(self, running: Bench) -> None:
        self._bench = running

    def perform(self, command: PlaneCommand) -> None:
        """Give a command."""
        self._bench.plane.perform(command)

    async def place(self, endpoint: str) -> None:
        """Put a far side on a new endpoint."""
        phone = await self._bench.phone(endpoint)
        self._bench.note(Allocated(endpoint, (phone.address,)))  # which waiting for it has taken

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def say(self, seconds: float) -> None:
        """Let the far side speak."""
        await self._bench.phones[0].say(sine(440, seconds))

    def press(self, digit: str) -> None:
        """Let the far side press a key."""
        self._bench.phones[0].press(digit)

    def reports(self) -> list[PlaneReport]:
        """Give what was told so far."""
        return self._bench.reports


@asynccontextmanager
async def simulated(capacity: int, most: int) -> AsyncIterator[Stage]:
    """Set the simulated stage."""
    yield SimulatedStage(capacity, most)


@asynccontextmanager
async def real(capacity: int, most: int) -> AsyncIterator[Stage]:
    """Set the real stage."""
    async with bench(UvloopRelay, ports=2 * capacity, most=most) as running:
        yield RealStage(running)


def told(report: PlaneReport) -> str:  # noqa: PLR0911 - one line for each kind
    """Write what matters of a report: no ports, no counters; seconds of records are rounded."""
    match report:
        case Allocated(endpoint):
            return f"{endpoint} allocated"
        case AllocationFailed(endpoint):
            return f"{endpoint} not allocated"
        case Released(endpoint, streams):
            return f"{endpoint} released, streams: {len(streams)}"
        case Terminated(endpoint):
            return f"{endpoint} terminated"
        case TerminationFailed(endpoint, reason):
            why = "no ports" if "in use" in reason or "free" in reason else reason
            return f"{endpoint} not terminated: {why}"
        case PlayEnded(endpoint, reason, tag, detail):
            return f"{endpoint} {tag} play {reason.value} {detail}".strip()
        case RecordEnded(endpoint, path, reason, seconds, sounding, detail):
            name, length = Path(path).name, f"{seconds:.0f}s, {sounding:.0f}s sound"
            return f"{endpoint} {name} {reason.value} {length} {detail}".strip()
        case DigitHeard(endpoint, digit, form):
            return f"{endpoint} digit {digit} {form.value}"
        case DigitsCollected(endpoint, digits, reason):
            return f"{endpoint} collected {digits!r} {reason.value}"
        case _:
            return ""


async def plays(stage: Stage, _folder: Path) -> None:
    """Play to the end, replace, stop, and play what is not there."""
    await stage.place("a")
    stage.perform(Terminate("a", PCMU, telephone_event=101))
    await stage.wait(0.1)
    stage.perform(Play("a", (BEEP, Silence(0.1)), repeat=2, tag="t1"))
    await stage.wait(1.2)
    stage.perform(Play("a", (BEEP,), repeat=None, tag="t2"))
    await stage.wait(0.5)
    stage.perform(Play("a", (Silence(9.0),), tag="t3"))
    await stage.wait(0.1)
    stage.perform(StopPlay("a"))
    stage.perform(StopPlay("a"))
    await stage.wait(0.1)
    stage.perform(Play("a", (), tag="t4"))
    stage.perform(Play("b", (BEEP,), tag="t5"))
    stage.perform(Play("a", (BEEP,), repeat=0, tag="t6"))
    await stage.wait(0.2)


async def refuses(stage: Stage, folder: Path) -> None:
    """Terminate what can't be, and instruct what isn't terminated."""
    await stage.place("a")
    stage.perform(Terminate("a", AudioFormat("G729", 18)))
    stage.perform(Terminate("a", PCMU, stream=1))
    stage.perform(Record("a", str(folder / "m.wav")))
    for command in (StopPlay("a"), StopRecord("a"), Collect("a"), StopCollect("a")):
        stage.perform(command)
    stage.perform(Digit("a", "1"))
    await stage.wait(0.1)
    await stage.place("b")
    stage.perform(Terminate("a", PCMU))
    stage.perform(Terminate("b", PCMU))
    stage.perform(Terminate("a", AudioFormat("PCMA", 8)))
    await stage.wait(0.1)


async def runs_out_of_ports(stage: Stage, _folder: Path) -> None:
    """Terminate with no pair left for the inner endpoint."""
    await stage.place("a")
    stage.perform(Terminate("a", PCMU))
    await stage.wait(0.1)


async def connects(stage: Stage, folder: Path) -> None:
    """Connect an endpoint that plays, records and collects."""
    await stage.place("a")
    await stage.place("b")
    stage.perform(Terminate("a", PCMU))
    await stage.wait(0.1)
    stage.perform(Record("a", str(folder / "m.wav"), beep=False))
    await stage.say(1.0)
    stage.perform(Play("a", (BEEP,), repeat=None, tag="t"))
    stage.perform(Collect("a"))
    await stage.wait(0.1)
    stage.perform(Connect("b", "a"))
    await stage.wait(0.2)
    stage.perform(Play("a", (BEEP,)))
    await stage.wait(0.1)


async def releases(stage: Stage, folder: Path) -> None:
    """Release an endpoint that plays and collects, and whose record still waits."""
    await stage.place("a")
    stage.perform(Terminate("a", PCMU))
    await stage.wait(0.1)
    stage.perform(Play("a", (BEEP,), repeat=None, tag="t"))
    stage.perform(Collect("a"))
    stage.perform(Record("a", str(folder / "m.wav")))
    await stage.wait(0.1)
    stage.perform(Release("a"))
    await stage.wait(0.2)
    stage.perform(Release("a"))
    await stage.wait(0.1)


async def collects(stage: Stage, _folder: Path) -> None:
    """Collect digits that interrupt, that were dialled ahead, that end, that don't come."""
    await stage.place("a")
    stage.perform(Terminate("a", PCMU, telephone_event=101))
    await stage.wait(0.1)
    stage.perform(Play("a", (Silence(9.0),), barge_in=True, tag="menu"))
    stage.perform(Collect("a", max_digits=2))
    await stage.wait(0.1)
    stage.press("1")
    await stage.wait(0.1)
    stage.perform(Digit("a", "2"))
    await stage.wait(0.1)
    for digit in "34#5":
        stage.press(digit)
        await stage.wait(0.1)
    stage.perform(Collect("a", max_digits=9))
    await stage.wait(0.1)
    stage.perform(Collect("a", max_digits=9, flush=True, first_timeout=0.3))
    stage.perform(Play("a", (Silence(0.4),), tag="short"))
    await stage.wait(0.5)
    await stage.wait(0.5)
    stage.perform(Collect("a", max_digits=9, inter_timeout=0.3))
    stage.press("7")
    await stage.wait(0.6)
    stage.perform(Collect("a", first_timeout=0.1))
    stage.perform(StopCollect("a"))
    await stage.wait(0.4)
    stage.perform(Digit("a", "x"))
    await stage.wait(0.1)


async def records(stage: Stage, folder: Path) -> None:
    """Record to the limit, to silence, to a digit, and not at all."""
    await stage.place("a")
    stage.perform(Terminate("a", PCMU, telephone_event=101))
    await stage.wait(0.1)
    stage.perform(Record("a", str(folder / "limit.wav"), max_seconds=1.0, beep=False))
    await stage.say(1.4)
    stage.perform(Record("a", str(folder / "silence.wav"), silence_seconds=1.0, beep=False))
    await stage.say(1.0)
    await stage.wait(1.4)
    stage.perform(Play("a", (Silence(0.2),), tag="t"))
    stage.perform(Record("a", str(folder / "digit.wav"), terminators="#"))
    await stage.wait(0.1)
    stage.press("#")
    await stage.wait(0.7)
    await stage.say(1.0)
    stage.press("1")
    await stage.wait(0.1)
    stage.press("#")
    await stage.wait(0.2)
    stage.perform(Record("a", str(folder / "first.wav")))
    stage.perform(Record("a", str(folder / "second.wav")))
    await stage.wait(0.1)
    stage.perform(StopRecord("a"))
    await stage.wait(0.2)


async def changes_the_stream(stage: Stage, _folder: Path) -> None:
    """Terminate another stream of the endpoint, and play a prompt that is not there."""
    await stage.place("a")
    stage.perform(Allocate("a", "call", 2))
    await stage.wait(0.1)
    stage.perform(Terminate("a", PCMU))
    await stage.wait(0.1)
    stage.perform(Play("a", (BEEP,), repeat=None, tag="t1"))
    await stage.wait(0.1)
    stage.perform(Terminate("a", AudioFormat("PCMA", 8)))
    await stage.wait(0.1)
    stage.perform(Terminate("a", PCMU, stream=1))
    await stage.wait(0.2)
    stage.perform(Play("a", (BEEP, Prompt("none-such")), tag="t2"))
    await stage.wait(0.2)


SCRIPTS: dict[Script, tuple[int, int, str]] = {
    plays: (
        9,
        9,
        """
        a allocated
        a terminated
        a t1 play finished
        a t2 play replaced
        a t3 play stopped
        a t4 play failed 0 sources: 1 to 64 can be played
        b t5 play failed the endpoint is not terminated
        a t6 play finished
        """,
    ),
    refuses: (
        9,
        1,
        """
        a allocated
        a not terminated: 'G729' is none of PCMU, PCMA, G722, opus
        a not terminated: the endpoint has no such stream
        a m.wav failed 0s, 0s sound the endpoint is not terminated
        b allocated
        a terminated
        b not terminated: 1 endpoints are terminated already
        a terminated
        """,
    ),
    runs_out_of_ports: (
        1,
        9,
        """
        a allocated
        a not terminated: no ports
        """,
    ),
    connects: (
        9,
        9,
        """
        a allocated
        b allocated
        a terminated
        a t play hangup
        a collected '' hangup
        a m.wav hangup 1s, 1s sound
        a  play failed the endpoint is not terminated
        """,
    ),
    releases: (
        9,
        9,
        """
        a allocated
        a terminated
        a released, streams: 1
        a t play hangup
        a collected '' hangup
        a m.wav hangup 0s, 0s sound
        a released, streams: 0
        """,
    ),
    collects: (
        9,
        9,
        """
        a allocated
        a terminated
        a digit 1 event
        a menu play digit
        a digit 2 signalled
        a collected '12' complete
        a digit 3 event
        a digit 4 event
        a digit # event
        a digit 5 event
        a collected '34' terminator
        a short play finished
        a collected '' timeout
        a digit 7 event
        a collected '7' timeout
        """,
    ),
    records: (
        9,
        9,
        """
        a allocated
        a terminated
        a limit.wav limit 1s, 1s sound
        a silence.wav silence 2s, 1s sound
        a digit # event
        a t play finished
        a digit 1 event
        a digit # event
        a digit.wav digit 1s, 1s sound
        a first.wav stopped 0s, 0s sound
        a second.wav stopped 0s, 0s sound
        """,
    ),
    changes_the_stream: (
        9,
        9,
        """
        a allocated
        a allocated
        a terminated
        a terminated
        a t1 play hangup
        a terminated
        a t2 play failed prompt 'none-such' is not in
        """,
    ),
}


@pytest.mark.parametrize("stage", [simulated, real], ids=["simulated", "real"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
async def test_both_planes_tell_the_same_of_the_same_script(
    script: Script,
    stage: Callable[[int, int], AbstractAsyncContextManager[Stage]],
    tmp_path: Path,
) -> None:
    capacity, most, expected = SCRIPTS[script]
    async with stage(capacity, most) as running:
        await script(running, tmp_path)
        lines = [told(report).partition(" is not in ") for report in running.reports()]
    wanted = [line.strip() for line in expected.strip().splitlines()]
    assert ["".join(line[:2]).strip() for line in lines if line[0]] == wanted
