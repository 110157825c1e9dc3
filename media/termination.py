"""Termination: a media plane that plays, records and collects digits, in front of any relay.

A terminated endpoint is connected, inside the relay, to an *inner* endpoint whose far side is a
socket of ours on this machine. So the relay goes on latching, counting and watching the endpoint as
ever, on the same ports, and needs to know nothing of this; what it costs is a pair of ports and one
more hop. One clock sends for all.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from media.clip_store import ClipStore
from media.codec.catalogue import encoding_of
from media.codec.errors import UnknownCodecError
from media.disk import Disk
from media.library import Library
from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    AudioFormat,
    Collect,
    Connect,
    Digit,
    DigitForm,
    Direct,
    MediaAddress,
    MediaRelay,
    MediaReport,
    PlaneCommand,
    PlaneReport,
    Play,
    PlayEnd,
    PlayEnded,
    Record,
    RecordEnd,
    RecordEnded,
    Release,
    Source,
    StopCollect,
    StopPlay,
    StopRecord,
    StreamCounters,
    Terminate,
    Terminated,
    TerminationFailed,
)
from media.prompt import PromptCatalogue
from media.rtp.sender import Sender
from media.terminal import AudioEngine, Terminal
from media.terminal_sockets import TerminalSockets

MAX_TERMINALS = 2000
"""Terminated endpoints at a time: more than the clock can serve on one core."""
MAX_SOURCES = 64
"""Sources of one play: a number read digit by digit, with words around it."""
_INNER = "termination/"


@dataclass(frozen=True, kw_only=True)
class TerminationSettings:
    """Where the plane finds the relay and its prompts."""

    host: str = "127.0.0.1"
    """Where our socket is and the relay is reached: the relay's own address when it has one, the
    loopback when it listens on all."""
    prompts: Path | None = None
    """A folder of prompts that go before the shipped ones, with one folder a language."""
    max_terminals: int = MAX_TERMINALS


class Termination:
    """A `media.plane.MediaPlane` over a relay."""

    def __init__(self, relay: MediaRelay, settings: TerminationSettings) -> None:
        self._relay = relay
        self._settings = settings
        self._store = ClipStore(PromptCatalogue(settings.prompts))
        self._terminals: dict[str, Terminal] = {}
        self._inner: dict[str, Terminal] = {}
        """The terminals by the names of their inner endpoints, each of which is used once."""
        self._count = 0
        self._report: Callable[[PlaneReport], None] = lambda _report: None
        self._waiting: list[PlaneReport] = []

    def __repr__(self) -> str:
        return f"<Termination {len(self._terminals)} terminals over {self._relay!r}>"

    def __len__(self) -> int:
        """Count the terminated endpoints."""
        return len(self._terminals)

    def start(self, report: Callable[[PlaneReport], None]) -> None:
        """Begin on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._report = report
        self._library = Library(self._store)
        self._disk = Disk(self._tell)
        self._sockets = TerminalSockets(self._settings.host)
        self._relay.start(self._hear)

    async def prepare(self, sources: Iterable[Source], formats: Iterable[AudioFormat]) -> list[str]:
        """Make sounds ready before the first call needs them: what could not be had, in words."""
        return await self._library.prepare(sources, formats)

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Read the endpoint's counters as they stand."""
        return self._relay.counters(endpoint)

    @property
    def ticks_skipped(self) -> int:
        """Ticks of the packet clock that were given up, as the loop was held up for too long."""
        return self._sockets.ticks_skipped

    async def close(self) -> None:
        """End what runs, wait for the disk, release every port and stop."""
        for endpoint in list(self._terminals):
            self._part(endpoint)
        await self._disk.close()
        await self._library.close()
        self._sockets.close()
        self._deliver()
        await self._relay.close()

    def attach(self, endpoint: str, engine: AudioEngine | None) -> bool:
        """Let an engine speak and listen in samples on a terminated endpoint; None: no more."""
        terminal = self._terminals.get(endpoint)
        if terminal is not None:
            terminal.listen(engine, time.monotonic())
        return terminal is not None

    def perform(self, command: PlaneCommand) -> None:
        """Carry out a command; the relay's answers may come at once, ours come in a later turn."""
        match command:
            case Terminate():
                self._terminate(command)
            case Connect():
                self._part(command.one)
                self._part(command.other)
                self._relay.perform(command)
            case Release():
                self._part(command.endpoint)
                self._relay.perform(command)
            case Allocate() | Direct():
                self._relay.perform(command)
            case Play():
                self._play(command)
            case Record():
                self._record(command)
            case StopPlay() | StopRecord() | Collect() | StopCollect() | Digit():
                terminal = self._terminals.get(command.endpoint)
                if terminal is not None:
                    _instruct(terminal, command)

    # --- terminals come and go ---

    def _terminate(self, command: Terminate) -> None:
        try:
            encoding_of(command.audio).make()
        except UnknownCodecError as error:
            self._tell(TerminationFailed(command.endpoint, str(error)))
            return
        terminal = self._terminals.get(command.endpoint)
        if terminal is not None and terminal.command.stream != command.stream:
            self._part(command.endpoint)
            terminal = None
        if terminal is not None:
            self._change(terminal, command)
            return
        fault = self._refusal(command)
        if fault:
            self._tell(TerminationFailed(command.endpoint, fault))
            return
        terminal = self._make(command)
        try:
            here = self._sockets.place(terminal)
        except OSError as error:
            self._tell(TerminationFailed(command.endpoint, str(error)))
            return
        self._terminals[command.endpoint] = self._inner[terminal.inner] = terminal
        self._relay.perform(Allocate(terminal.inner, command.endpoint, command.stream + 1))
        if terminal.inner not in self._inner:
            return  # it has failed already, and whom the endpoint is joined to stays
        self._relay.perform(Direct(terminal.inner, command.stream, here, source=here.host))
        self._relay.perform(Connect(command.endpoint, terminal.inner))

    def _refusal(self, command: Terminate) -> str:
        """Say why the endpoint can't be terminated; empty when it can."""
        if len(self._terminals) >= self._settings.max_terminals:
            return f"{self._settings.max_terminals} endpoints are terminated already"
        if not 0 <= command.stream < len(self._relay.counters(command.endpoint)):
            return "the endpoint has no such stream"
        return ""

    def _make(self, command: Terminate) -> Terminal:
        self._count += 1
        return Terminal(
            command,
            inner=f"{_INNER}{self._count}/{command.endpoint}",
            sender=Sender(
                ssrc=secrets.randbits(32),
                sequence=secrets.randbits(15),
                timestamp=secrets.randbits(32),
            ),
            clip=lambda source, current: self._library.now(source, current.audio),
            sink=lambda record, rate_hz: self._disk.open(record, rate_hz, self._fail_record),
            tell=self._tell,
        )

    def _change(self, terminal: Terminal, command: Terminate) -> None:
        had = terminal.command
        if had != command:
            heard_ms = terminal.change(command, time.monotonic())
            self._sockets.retime(terminal)
            if terminal.play is not None:
                self._fetch(terminal, terminal.play, heard_ms)
        self._tell(Terminated(command.endpoint))

    def _part(self, endpoint: str) -> None:
        """End an endpoint's termination, if it is terminated."""
        terminal = self._terminals.pop(endpoint, None)
        if terminal is not None:
            terminal.hang_up()
            self._sockets.remove(terminal)
            del self._inner[terminal.inner]
            self._relay.perform(Release(terminal.inner))

    def _hear(self, report: MediaReport) -> None:
        """Pass the relay's reports on, but for those of inner endpoints."""
        if not report.endpoint.startswith(_INNER):
            self._report(report)
            return
        terminal = self._inner.get(report.endpoint)
        if terminal is None:
            return
        match report:
            case Allocated(_, streams):
                self._begin(terminal, streams[terminal.command.stream])
            case AllocationFailed(_, reason):
                self._part(terminal.endpoint)
                self._tell(TerminationFailed(terminal.endpoint, reason))
            case _:
                pass

    def _begin(self, terminal: Terminal, inner: MediaAddress) -> None:
        terminal.begin(time.monotonic())
        # What the relay advertises is for the world outside; on this machine it is where we are.
        self._sockets.start(terminal, (self._settings.host, inner.port))
        self._tell(Terminated(terminal.endpoint))

    # --- playing and recording ---

    def _play(self, command: Play) -> None:
        terminal = self._terminals.get(command.endpoint)
        fault = ""
        if terminal is None:
            fault = "the endpoint is not terminated"
        elif not 0 < len(command.sources) <= MAX_SOURCES:
            fault = f"{len(command.sources)} sources: 1 to {MAX_SOURCES} can be played"
        if terminal is None or fault:
            self._tell(PlayEnded(command.endpoint, PlayEnd.FAILED, command.tag, fault))
            return
        terminal.announce(command)
        self._fetch(terminal, command, 0)

    def _fetch(self, terminal: Terminal, play: Play, heard_ms: int) -> None:
        audio = terminal.command.audio
        self._library.fetch(
            play.sources,
            audio,
            lambda clips: terminal.start(play, clips, audio, heard_ms),
            partial(terminal.fail_play, play),
        )

    def _record(self, command: Record) -> None:
        terminal = self._terminals.get(command.endpoint)
        if terminal is None:
            why = "the endpoint is not terminated"
            self._tell(RecordEnded(command.endpoint, command.path, RecordEnd.FAILED, 0.0, 0.0, why))
        else:
            terminal.record(command, time.monotonic())

    def _fail_record(self, command: Record, why: str) -> None:
        terminal = self._terminals.get(command.endpoint)
        if terminal is not None:
            terminal.fail_record(command, why)

    # --- reports ---

    def _tell(self, report: PlaneReport) -> None:
        """Report in the loop's next turn: a terminal tells in the midst of its work."""
        if not self._waiting:
            self._loop.call_soon(self._deliver)
        self._waiting.append(report)

    def _deliver(self) -> None:
        waiting, self._waiting = self._waiting, []
        for report in waiting:
            self._report(report)


def _instruct(
    terminal: Terminal, command: StopPlay | StopRecord | Collect | StopCollect | Digit
) -> None:
    """Give a terminal a command that needs nothing but it."""
    match command:
        case StopPlay():
            terminal.stop_play()
        case StopRecord():
            terminal.stop_record()
        case Collect():
            terminal.collect(command)
        case StopCollect():
            terminal.stop_collect()
        case Digit(_, digit):
            terminal.press(digit, DigitForm.SIGNALLED, time.monotonic())
