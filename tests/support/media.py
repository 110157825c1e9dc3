"""A media plane without packets: it keeps the books of ports and answers commands with reports.

It tells whether sound would pass, who hears what, what is left over, and which commands made no
sense. Termination is `tests.support.terminal`; `tests/shell/test_media_contract.py` holds both to
what the real plane does.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from media.codec.catalogue import encoding_of
from media.codec.errors import UnknownCodecError
from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Collect,
    Connect,
    Digit,
    DigitForm,
    Direct,
    MediaAddress,
    MediaCommand,
    OneWay,
    PlaneCommand,
    PlaneReport,
    Play,
    PlayEnd,
    PlayEnded,
    Prompt,
    Record,
    RecordEnd,
    RecordEnded,
    Release,
    Released,
    Source,
    StopCollect,
    StopPlay,
    StopRecord,
    StreamCounters,
    Terminate,
    Terminated,
    TerminationCommand,
    TerminationFailed,
    TerminationReport,
)
from media.prompt import MissingPromptError, PromptCatalogue
from media.termination import MAX_SOURCES, MAX_TERMINALS
from tests.support.chance import Chance
from tests.support.network import SimulatedNetwork
from tests.support.terminal import SimulatedTerminal, spelled, usual_seconds

FIRST_PORT = 20000
TURN = 0.0005
"""How much later than the relay termination reports: it does so in a later turn of the loop."""
DISK = 0.005
"""How much later a record's end is told: when its file is on the disk."""
SPEECH = 3.0
"""How long whoever is recorded speaks, when the test doesn't say; then there is silence."""


@dataclass(slots=True)
class Endpoint:
    """One leg's side of the media as the plane knows it."""

    call_id: str
    local: list[MediaAddress] = field(default_factory=list)
    directed: dict[int, Direct] = field(default_factory=dict)
    connected: str | None = None


class SimulatedMediaPlane:
    """Answers each command after a small seeded delay; `capacity` is how many streams fit."""

    def __init__(
        self,
        network: SimulatedNetwork,
        report: Callable[[PlaneReport], None],
        *,
        host: str = "198.51.100.1",
        capacity: int = 10_000,
        jitter: float = 0.0,
    ) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.terminals: dict[str, SimulatedTerminal] = {}
        self.max_terminals = MAX_TERMINALS
        self.durations: dict[str, float] = {}
        """How long a source lasts by the name under which it is heard: `prompt:closed`."""
        self.unplayable: set[str] = set()
        """What cannot be played, by the same names."""
        self.speech: dict[str, float] = {}
        """How long each endpoint's far side speaks from the beginning of a record."""
        self.disk_fault = ""
        """Why no record can be written."""
        self.commands: list[PlaneCommand] = []
        """What was asked of termination, in order."""
        self._catalogue = PromptCatalogue()
        self.allocations = 0
        self.releases = 0
        self.refusals = 0
        self.faults: list[str] = []
        self._network = network
        self._report = report
        self._host = host
        self.capacity = capacity
        self.delay = 0.001
        self._jitter = jitter
        self._chance = Chance(network.seed, "media")
        self._port = FIRST_PORT

    @property
    def streams_in_use(self) -> int:
        """How many port pairs are taken: a terminated endpoint takes another for each stream."""
        inner = sum(terminal.command.stream + 1 for terminal in self.terminals.values())
        return inner + sum(len(endpoint.local) for endpoint in self.endpoints.values())

    def perform(self, command: PlaneCommand) -> None:
        """Carry out a command; its report comes later."""
        match command:
            case Allocate() | Direct() | Connect() | Release():
                self._relay(command)
            case _:
                self.commands.append(command)
                self._terminate_or_instruct(command)

    def _relay(self, command: MediaCommand) -> None:
        match command:
            case Allocate():
                self._allocate(command)
            case Direct():
                self._direct(command)
            case Connect():
                self._hang_up(command.one)
                self._hang_up(command.other)
                self._connect(command)
            case Release():
                self._hang_up(command.endpoint)
                self._release(command)

    # --- who hears what ---

    def hears(self, endpoint: str) -> str | None:
        """Say what an endpoint's far side hears: the name of a sound or of another endpoint.

        `music`, `tone:ringback`, `prompt:closed`, `file:/path`; None: nothing at all.
        """
        terminal, known = self.terminals.get(endpoint), self.endpoints.get(endpoint)
        if known is None:
            return None
        if terminal is not None:
            sent = known.directed.get(terminal.command.stream)
            is_sent = sent is not None and sent.send and sent.remote is not None
            return terminal.hears() if is_sent else None
        speaker = self.endpoints.get(known.connected or "")
        if speaker is None or self._onwards(speaker, 0) is None:
            return None
        return known.connected

    def endpoint_at(self, host: str, port: int) -> str | None:
        """Name the endpoint whose local address this is."""
        for name, endpoint in self.endpoints.items():
            if any((local.host, local.port) == (host, port) for local in endpoint.local):
                return name
        return None

    def press(self, endpoint: str, digits: str, *, interval: float = 0.1) -> None:
        """Let an endpoint's far side press keys, the first one now."""
        for index, digit in enumerate(digits):

            def hear(digit: str = digit) -> None:
                terminal = self.terminals.get(endpoint)
                if terminal is not None:
                    terminal.press(digit, DigitForm.EVENT)

            self._network.after(index * interval, hear)

    # --- termination ---

    def _terminate_or_instruct(self, command: TerminationCommand) -> None:
        terminal = self.terminals.get(command.endpoint)
        match command:
            case Terminate():
                self._terminate(command)
            case Play():
                self._play(command, terminal)
            case Record():
                self._record(command, terminal)
            case _:
                if terminal is not None:
                    _instruct(terminal, command)

    def _terminate(self, command: Terminate) -> None:
        terminal = self.terminals.get(command.endpoint)
        fault = _codec_fault(command)
        if not fault and terminal is not None and terminal.command.stream == command.stream:
            terminal.command = command
            self._tell(Terminated(command.endpoint))
            return
        if not fault:
            self._hang_up(command.endpoint)
            fault = self._refusal(command)
        if fault:
            self._tell(TerminationFailed(command.endpoint, fault))
            return
        self.terminals[command.endpoint] = SimulatedTerminal(
            command,
            self._network,
            tell=self._tell,
            seconds_of=self._seconds,
            speech=lambda: self.speech.get(command.endpoint, SPEECH),
            disk_fault=lambda: self.disk_fault,
        )
        self._part(command.endpoint)
        self._tell(Terminated(command.endpoint))

    def _refusal(self, command: Terminate) -> str:
        known = self.endpoints.get(command.endpoint)
        if known is None:
            self.faults.append(f"terminated an unknown endpoint: {command}")
        if len(self.terminals) >= self.max_terminals:
            return f"{self.max_terminals} endpoints are terminated already"
        if known is None or not 0 <= command.stream < len(known.local):
            return "the endpoint has no such stream"
        if self.streams_in_use + command.stream + 1 > self.capacity:
            self.refusals += 1
            return "no RTP ports are free"
        return ""

    def _hang_up(self, endpoint: str) -> None:
        """End an endpoint's termination, if it is terminated."""
        terminal = self.terminals.pop(endpoint, None)
        if terminal is not None:
            terminal.hang_up()

    def _play(self, command: Play, terminal: SimulatedTerminal | None) -> None:
        fault = ""
        if terminal is None:
            fault = "the endpoint is not terminated"
        elif not 0 < len(command.sources) <= MAX_SOURCES:
            fault = f"{len(command.sources)} sources: 1 to {MAX_SOURCES} can be played"
        if terminal is None or fault:
            self._tell(PlayEnded(command.endpoint, PlayEnd.FAILED, command.tag, fault))
        else:
            faults = map(self._source_fault, command.sources)
            terminal.play(command, next(filter(None, faults), ""))

    def _source_fault(self, source: Source) -> str:
        if spelled(source) in self.unplayable:
            return f"{spelled(source)} cannot be played"
        if isinstance(source, Prompt):
            try:
                self._catalogue.path(source)
            except MissingPromptError as error:
                self.faults.append(f"played what is not there: {error}")
                return str(error)
        return ""

    def _seconds(self, source: Source) -> float:
        return self.durations.get(spelled(source) or "", usual_seconds(source))

    def _record(self, command: Record, terminal: SimulatedTerminal | None) -> None:
        if terminal is not None:
            terminal.record(command)
        else:
            why = "the endpoint is not terminated"
            self._tell(RecordEnded(command.endpoint, command.path, RecordEnd.FAILED, 0.0, 0.0, why))

    def _tell(self, report: TerminationReport) -> None:
        """Report later than the relay does, and in order."""
        later = DISK if isinstance(report, RecordEnded) else TURN
        self._network.after(self.delay + self._jitter + later, lambda: self._report(report))

    # --- the relay ---

    def destination(self, host: str, port: int) -> tuple[str, int] | None:
        """Tell where RTP sent to this local address goes on to; None when it goes nowhere."""
        for endpoint in self.endpoints.values():
            for stream, local in enumerate(endpoint.local):
                if (local.host, local.port) == (host, port):
                    return self._onwards(endpoint, stream)
        return None

    def report_one_way(self, endpoint: str, reason: str) -> None:
        """Claim that the endpoint's first stream is one-way."""
        self._later(OneWay(endpoint, self.endpoints[endpoint].call_id, 0, reason))

    def _onwards(self, endpoint: Endpoint, stream: int) -> tuple[str, int] | None:
        heard = endpoint.directed.get(stream)
        other = self.endpoints.get(endpoint.connected or "")
        sent = other.directed.get(stream) if other else None
        if (
            heard is None
            or not heard.receive
            or sent is None
            or not sent.send
            or sent.remote is None
        ):
            return None
        return sent.remote.host, sent.remote.port

    def _allocate(self, command: Allocate) -> None:
        if self.streams_in_use + command.streams > self.capacity:
            self.refusals += 1
            self._later(AllocationFailed(command.endpoint, "no RTP ports are free"))
            return
        endpoint = self.endpoints.get(command.endpoint)
        if endpoint is None:
            self.allocations += 1
            endpoint = self.endpoints[command.endpoint] = Endpoint(command.call_id)
        host = "2001:db8::1" if command.ipv6 else self._host
        for _ in range(command.streams):
            endpoint.local.append(MediaAddress(host, self._port, self._port + 1))
            self._port = FIRST_PORT + (self._port + 2 - FIRST_PORT) % 40_000
        self._later(Allocated(command.endpoint, tuple(endpoint.local)))

    def _direct(self, command: Direct) -> None:
        endpoint = self.endpoints.get(command.endpoint)
        if endpoint is None or command.stream >= len(endpoint.local):
            self.faults.append(f"directed an unknown stream: {command}")
        else:
            endpoint.directed[command.stream] = command

    def _connect(self, command: Connect) -> None:
        one, other = self.endpoints.get(command.one), self.endpoints.get(command.other)
        if one is None or other is None:
            self.faults.append(f"connected an unknown endpoint: {command}")
            return
        for name in (command.one, command.other):
            self._part(name)
        one.connected, other.connected = command.other, command.one

    def _part(self, name: str) -> None:
        partner = self.endpoints.get(self.endpoints[name].connected or "")
        if partner is not None:
            partner.connected = None
        self.endpoints[name].connected = None

    def _release(self, command: Release) -> None:
        if command.endpoint not in self.endpoints:
            self._later(Released(command.endpoint, ()))
            return
        self._part(command.endpoint)
        endpoint = self.endpoints.pop(command.endpoint)
        self.releases += 1
        self._later(Released(command.endpoint, tuple(_COUNTERS for _ in endpoint.local)))

    def _later(self, report: PlaneReport) -> None:
        delay = self._chance.uniform(0, self._jitter) if self._jitter else 0.0
        self._network.after(self.delay + delay, lambda: self._report(report))


def _codec_fault(command: Terminate) -> str:
    try:
        encoding_of(command.audio)
    except UnknownCodecError as error:
        return str(error)
    return ""


def _instruct(
    terminal: SimulatedTerminal, command: StopPlay | StopRecord | Collect | StopCollect | Digit
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
            terminal.press(digit, DigitForm.SIGNALLED)


_COUNTERS = StreamCounters(
    packets_received=50,
    octets_received=8600,
    packets_sent=50,
    octets_sent=8600,
    packets_lost=0,
    packets_rejected=0,
    jitter_ms=0.5,
    rtcp_received=1,
    payload_type=0,
)
