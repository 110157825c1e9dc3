"""A terminal: the plane as the other side of one endpoint, without sockets, files or a clock.

It gives a packet at each of its ticks, whatever it plays, and takes what the far side sends.
"""

from collections.abc import Callable
from typing import Protocol

from media.clip import Clip
from media.codec.catalogue import Encoding, encoding_of
from media.codec.samples import Samples
from media.digit import DIGITS, Digits
from media.dtmf import DtmfDetector
from media.hearing import Hearing
from media.plane import (
    AudioFormat,
    Collect,
    CollectEnd,
    DigitForm,
    DigitHeard,
    DigitsCollected,
    Play,
    PlayEnd,
    PlayEnded,
    Record,
    RecordEnd,
    Silence,
    Source,
    Terminate,
    TerminationReport,
    Tone,
    ToneName,
)
from media.player import Player
from media.rtp.errors import MalformedPacket
from media.rtp.event_reader import EventReader
from media.rtp.packet import parse
from media.rtp.sender import Sender
from media.running_record import Phase, RecordSink, RunningRecord

BEEP = Tone(ToneName.BEEP)
PAUSE = Silence(0.001)
"""One packet of silence, whatever its length."""


class AudioEngine(Protocol):
    """What speaks and listens in samples: the fax modem, a detector."""

    def hear(self, samples: Samples) -> None:
        """Take sound, continuous and in order."""

    def speak(self, count: int) -> Samples | None:
        """Give as many samples; None: nothing to say, what is played goes on."""


class Terminal:
    """The plane's side of one endpoint."""

    def __init__(
        self,
        command: Terminate,
        *,
        inner: str,
        sender: Sender,
        clip: Callable[[Source, Terminate], Clip],
        sink: Callable[[Record, int], RecordSink],
        tell: Callable[[TerminationReport], None],
    ) -> None:
        self.endpoint = command.endpoint
        self.inner = inner
        """The name of the endpoint that is its own side within the relay."""
        self.play: Play | None = None
        """What is played, or will be when its sound is there."""
        self._sender = sender
        self._clip = clip
        self._sink = sink
        self._tell = tell
        self._player: Player | None = None
        self._record: RunningRecord | None = None
        self._digits = Digits()
        self._events = EventReader(encoding_of(command.audio).clock_rate_hz)
        self._engine: AudioEngine | None = None
        self._hearings: list[Hearing] = []
        self._takes_events_only = False
        self._now = 0.0
        self._adopt(command)

    def __repr__(self) -> str:
        doing = [
            f"plays {self.play.sources}" if self.play else "",
            f"records {self._record.command.path}" if self._record else "",
            "collects" if self._digits.is_collecting else "",
        ]
        return f"<Terminal {self.endpoint}: {', '.join(filter(None, doing)) or 'silent'}>"

    @property
    def ptime_ms(self) -> int:
        """How long a packet lasts that is sent."""
        return self.command.audio.ptime_ms

    def _adopt(self, command: Terminate) -> None:
        self.command = command
        self.encoding: Encoding = encoding_of(command.audio)
        self._codec = self.encoding.make()
        self._pause = self._clip(PAUSE, command).payloads[0]
        self._sender.speak(
            payload_type=command.audio.payload_type,
            step=self.encoding.clock_rate_hz * command.audio.ptime_ms // 1000,
        )

    def change(self, command: Terminate, now: float) -> int:
        """Go on in another format: how long the play was heard so far, in ms."""
        heard_ms = self._player.played * self.ptime_ms if self._player else 0
        self._player = None
        self._adopt(command)
        self._listen(now)
        if self._record is not None and self._record.phase is Phase.RUNNING:
            self._record.listen(self.encoding, command.audio, now)
        elif self._record is not None:
            self._record.phase = Phase.WAITING
        return heard_ms

    def listen(self, engine: AudioEngine | None, now: float) -> None:
        """Attach an engine, or none."""
        self._engine = engine
        self._listen(now)

    def begin(self, now: float) -> None:
        """Start hearing, when the ports are there."""
        self._listen(now)

    def _listen(self, now: float) -> None:
        """Hear for those who need the sound all the time."""
        self._hearings = []
        audio, encoding = self.command.audio, self.encoding
        if self._engine is not None:
            hear = self._engine.hear
            self._hearings.append(Hearing(encoding, audio.payload_type, now, hear))
        if self.command.in_band and not self._takes_events_only:
            detector = DtmfDetector(encoding.sample_rate_hz)

            def detect(samples: Samples) -> None:
                for digit in detector.hear(samples):
                    self.press(digit, DigitForm.IN_BAND, self._now)

            self._hearings.append(Hearing(encoding, audio.payload_type, now, detect))

    # --- what is sent ---

    def tick(self, now: float) -> bytes:
        """Let a packet time pass: the packet to send."""
        self._now = now
        self._poll(now)
        payload = self._speak()
        if payload is None:
            payload = self._next(now)
        return self._sender.packet(self._pause if payload is None else payload)

    def _next(self, now: float) -> bytes | None:
        """Take what is played next; where a play ends, a record's beep follows without a gap."""
        while self._player is not None:
            payload = self._player.next()
            if payload is not None:
                return payload
            self._player = None
            if self.play is not None:
                self._end_play(PlayEnd.FINISHED)
            if self._record is not None:
                self._advance(self._record, now)
        return None

    def _speak(self) -> bytes | None:
        if self._engine is None:
            return None
        samples = self._engine.speak(self.encoding.sample_rate_hz * self.ptime_ms // 1000)
        return None if samples is None else self._codec.encode(samples)

    def _poll(self, now: float) -> None:
        for hearing in self._hearings:
            hearing.poll(now)
        if self._digits.is_collecting:
            end = self._digits.poll(now, is_playing=self.play is not None)
            if end is not None:
                self._end_collection(end)
        if self._record is not None:
            self._advance(self._record, now)
            self._record.poll(now)
            if self._record.end is not None:
                self.stop_record(self._record.end)

    # --- playing ---

    def announce(self, play: Play) -> None:
        """Take a play whose sound is being fetched."""
        self.stop_play(PlayEnd.REPLACED)
        self.play = play
        if self._record is not None and self._record.phase is Phase.BEEPING:
            # The end of a beep that goes on would pass for the end of the play.
            self._player, self._record.phase = None, Phase.WAITING

    def start(
        self, play: Play, clips: tuple[Clip, ...], audio: AudioFormat, heard_ms: int = 0
    ) -> None:
        """Play what was announced, its sound being there; what is outdated is ignored."""
        if self.play is not play or self.command.audio != audio:
            return
        self._player = Player(clips, play.repeat)
        self._player.skip(heard_ms // self.ptime_ms)
        self._sender.mark()

    def fail_play(self, play: Play, detail: str) -> None:
        """Tell that the sound can't be had."""
        if self.play is play:
            self._end_play(PlayEnd.FAILED, detail)

    def stop_play(self, reason: PlayEnd = PlayEnd.STOPPED) -> None:
        """Stop what is played, if anything."""
        if self.play is not None:
            self._end_play(reason)

    def _end_play(self, reason: PlayEnd, detail: str = "") -> None:
        play, self.play, self._player = self.play, None, None
        if play is not None:
            self._tell(PlayEnded(self.endpoint, reason, play.tag, detail))

    # --- recording ---

    def record(self, command: Record, now: float) -> None:
        """Begin a record; one that runs is stopped."""
        self.stop_record()
        rate_hz = self.encoding.sample_rate_hz
        self._record = RunningRecord(command, rate_hz, self._sink(command, rate_hz))
        self._advance(self._record, now)

    def stop_record(self, reason: RecordEnd = RecordEnd.STOPPED) -> None:
        """Stop the record, if one runs."""
        if self._record is not None:
            record, self._record = self._record, None
            record.finish(reason)

    def fail_record(self, command: Record, detail: str) -> None:
        """End a record whose file can't be written."""
        if self._record is not None and self._record.command is command:
            record, self._record = self._record, None
            record.finish(RecordEnd.FAILED, detail)

    def _advance(self, record: RunningRecord, now: float) -> None:
        """Begin to beep or to record, when its time has come."""
        if record.phase is Phase.WAITING and self.play is None:
            if record.command.beep:
                record.phase = Phase.BEEPING
                self._player = Player((self._clip(BEEP, self.command),), 1)
                self._sender.mark()
            else:
                record.listen(self.encoding, self.command.audio, now)
        elif record.phase is Phase.BEEPING and self._player is None:
            record.listen(self.encoding, self.command.audio, now)

    # --- digits ---

    def collect(self, command: Collect) -> None:
        """Begin to collect."""
        end = self._digits.begin(command)
        if end is not None:
            self._end_collection(end)

    def stop_collect(self) -> None:
        """Stop collecting, without a word."""
        self._digits.end()

    def press(self, digit: str, form: DigitForm, now: float) -> None:
        """Take a digit, however it came."""
        digit = digit.upper()
        if len(digit) != 1 or digit not in DIGITS:
            return
        self._tell(DigitHeard(self.endpoint, digit, form))
        record = self._record
        if record is not None and record.ends_with(digit):
            self.stop_record(RecordEnd.DIGIT)
            return
        if self.play is not None and self.play.barge_in:
            self._end_play(PlayEnd.DIGIT)
        end = self._digits.hear(digit, now)
        if end is not None:
            self._end_collection(end)

    def _end_collection(self, reason: CollectEnd) -> None:
        self._tell(DigitsCollected(self.endpoint, self._digits.end(), reason))

    # --- what is received ---

    def receive(self, octets: bytes, now: float) -> None:
        """Take an RTP packet of the far side."""
        if len(octets) < 2:
            return
        is_event = octets[1] & 0x7F == self.command.telephone_event
        if not is_event and not self._hearings and self._record is None:
            return
        try:
            packet = parse(octets)
        except MalformedPacket:
            return
        self._now = now
        if is_event:
            self._hear_event(self._events.read(packet), now)
        for hearing in self._hearings:
            hearing.hear(packet, now)
        if self._record is not None:
            self._record.hear(packet, now)

    def _hear_event(self, digit: str | None, now: float) -> None:
        if digit is None:
            return
        if self.command.in_band and not self._takes_events_only:
            # Whoever sends events needs no second ear, which would hear each key twice.
            self._takes_events_only = True
            self._listen(now)
        self.press(digit, DigitForm.EVENT, now)

    def hang_up(self) -> None:
        """End everything, as the endpoint is somebody else's now."""
        self.stop_play(PlayEnd.HANGUP)
        self.stop_record(RecordEnd.HANGUP)
        if self._digits.is_collecting:
            self._end_collection(CollectEnd.HANGUP)
