"""The simulated plane as the other side of one endpoint: what plays, records and collects there.

It does in virtual time what `media.terminal.Terminal` does packet by packet, and looks at itself
when something is due, or a packet time after something has changed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from media import music
from media.digit import DIGITS, Digits
from media.plane import (
    AudioFile,
    Collect,
    CollectEnd,
    DigitForm,
    DigitHeard,
    DigitsCollected,
    Music,
    Play,
    PlayEnd,
    PlayEnded,
    Prompt,
    Record,
    RecordEnd,
    RecordEnded,
    Silence,
    Source,
    Terminate,
    TerminationReport,
    Tone,
    ToneName,
)
from media.record import MAX_SECONDS
from tests.support.network import Event, SimulatedNetwork

PACKET = 0.02
"""How soon a change is looked at: the packet time."""
BEEP_SECONDS = 0.3
_TONE_SECONDS = {
    ToneName.DIAL: 1.0,
    ToneName.RINGBACK: 3.0,
    ToneName.BUSY: 1.0,
    ToneName.REORDER: 0.44,
    ToneName.CALL_WAITING: 8.5,
    ToneName.BEEP: BEEP_SECONDS,
}
_SOON = 1e-6
"""Sums of durations are not exact to the last bit."""


def spelled(source: Source) -> str | None:
    """Name a source as tests do; silence is nothing that is heard."""
    match source:
        case Tone(name):
            return f"tone:{name.value}"
        case Prompt(name):
            return f"prompt:{name}"
        case AudioFile(path):
            return f"file:{path}"
        case Music():
            return "music"
        case Silence():
            return None


def usual_seconds(source: Source) -> float:
    """Say how long a source lasts, when the test does not."""
    match source:
        case Tone(name, seconds):
            return _TONE_SECONDS[name] if seconds is None else seconds
        case Silence(seconds):
            return seconds
        case Music():
            return music.SECONDS
        case Prompt():
            return 2.0
        case AudioFile():
            return 3.0


@dataclass(slots=True)
class _Playing:
    """A play that sounds since some time."""

    play: Play
    seconds: list[float]
    since: float

    @property
    def ends_at(self) -> float | None:
        """When it is over by itself."""
        once = sum(self.seconds)
        if self.play.repeat is None:
            return None if once else self.since
        return self.since + once * max(0, self.play.repeat)

    def source_at(self, now: float) -> Source:
        """Say which source sounds."""
        at = (now - self.since) % (sum(self.seconds) or 1.0)
        for source, seconds in zip(self.play.sources, self.seconds, strict=True):
            at -= seconds
            if at < -_SOON:
                return source
        return self.play.sources[0]


@dataclass(slots=True)
class _Recording:
    """A record: it waits, beeps, runs."""

    command: Record
    beeps_until: float | None = None
    runs_since: float | None = None


class SimulatedTerminal:
    """The plane's side of one endpoint."""

    def __init__(
        self,
        command: Terminate,
        network: SimulatedNetwork,
        *,
        tell: Callable[[TerminationReport], None],
        seconds_of: Callable[[Source], float],
        speech: Callable[[], float],
        disk_fault: Callable[[], str],
    ) -> None:
        self.command = command
        self._network = network
        self._tell = tell
        self._seconds_of = seconds_of
        self._speech = speech
        self._disk_fault = disk_fault
        self._playing: _Playing | None = None
        self._record: _Recording | None = None
        self._digits = Digits()
        self._event: Event | None = None

    @property
    def playing(self) -> Play | None:
        """What is played."""
        return self._playing.play if self._playing else None

    @property
    def is_recording(self) -> bool:
        """Whether a record runs, or will when its time has come."""
        return self._record is not None

    @property
    def is_collecting(self) -> bool:
        """Whether digits are collected."""
        return self._digits.is_collecting

    def hears(self) -> str | None:
        """Name what the far side hears now."""
        if self._playing is not None:
            return spelled(self._playing.source_at(self._network.now))
        if self._record is not None and self._record.beeps_until is not None:
            return spelled(Tone(ToneName.BEEP))
        return None

    # --- commands ---

    def play(self, command: Play, fault: str) -> None:
        """Play; what was played is replaced. A `fault` is why a source cannot be had."""
        self.stop_play(PlayEnd.REPLACED)
        if self._record is not None:
            self._record.beeps_until = None
        if fault:
            self._tell(PlayEnded(command.endpoint, PlayEnd.FAILED, command.tag, fault))
        else:
            seconds = [self._seconds_of(source) for source in command.sources]
            self._playing = _Playing(command, seconds, self._network.now)
        self._look_at(self._network.now + PACKET)

    def stop_play(self, reason: PlayEnd = PlayEnd.STOPPED) -> None:
        """Stop what is played, if anything."""
        if self._playing is not None:
            play, self._playing = self._playing.play, None
            self._tell(PlayEnded(play.endpoint, reason, play.tag))
            self._look_at(self._network.now + PACKET)

    def record(self, command: Record) -> None:
        """Begin a record; one that runs is stopped."""
        self.stop_record()
        self._record = _Recording(command)
        self._advance(self._record)
        self._look_at(self._network.now + PACKET)

    def stop_record(self, reason: RecordEnd = RecordEnd.STOPPED) -> None:
        """Stop the record, if one runs."""
        if self._record is None:
            return
        record, self._record = self._record, None
        began = record.runs_since
        seconds = 0.0 if began is None else self._network.now - began
        fault = self._disk_fault()
        ended = RecordEnded(
            record.command.endpoint,
            record.command.path,
            RecordEnd.FAILED if fault else reason,
            seconds,
            min(seconds, self._speech()),
            fault,
        )
        self._tell(ended)

    def collect(self, command: Collect) -> None:
        """Begin to collect."""
        end = self._digits.begin(command)
        if end is not None:
            self._end_collection(end)
        self._look_at(self._network.now + PACKET)

    def stop_collect(self) -> None:
        """Stop collecting, without a report."""
        self._digits.end()

    def press(self, digit: str, form: DigitForm) -> None:
        """Take a digit, however it came."""
        digit = digit.upper()
        if len(digit) != 1 or digit not in DIGITS:
            return
        self._tell(DigitHeard(self.command.endpoint, digit, form))
        record = self._record
        if (
            record is not None
            and record.runs_since is not None
            and digit in record.command.terminators
        ):
            self.stop_record(RecordEnd.DIGIT)
            return
        if self._playing is not None and self._playing.play.barge_in:
            self.stop_play(PlayEnd.DIGIT)
        end = self._digits.hear(digit, self._network.now)
        if end is not None:
            self._end_collection(end)
        self._look_at(self._network.now + PACKET)

    def hang_up(self) -> None:
        """End everything, as the endpoint is somebody else's now."""
        self.stop_play(PlayEnd.HANGUP)
        self.stop_record(RecordEnd.HANGUP)
        if self._digits.is_collecting:
            self._end_collection(CollectEnd.HANGUP)
        if self._event is not None:
            self._event.cancel()

    # --- what becomes due ---

    def _look_at(self, when: float) -> None:
        """Look at what is due at this time, or earlier when that was planned."""
        if self._event is not None and self._event.act is not None:
            if self._event.at <= when:
                return
            self._event.cancel()
        self._event = self._network.at(when, self._look)

    def _look(self) -> None:
        now = self._network.now
        playing = self._playing
        if playing is not None and _is_due(playing.ends_at, now):
            self.stop_play(PlayEnd.FINISHED)
        end = self._digits.poll(now, is_playing=self._playing is not None)
        if end is not None:
            self._end_collection(end)
        if self._record is not None:
            self._advance(self._record)
            self._end_record(self._record)
        due = [each for each in self._dues() if each is not None]
        if due:
            self._look_at(max(min(due), now + _SOON))

    def _dues(self) -> list[float | None]:
        record = self._record
        return [
            self._playing.ends_at if self._playing else None,
            self._digits._deadline,
            record.beeps_until if record else None,
            min(self._ends(record).values()) if record and record.runs_since is not None else None,
        ]

    def _advance(self, record: _Recording) -> None:
        """Begin to beep or to record, when its time has come."""
        now = self._network.now
        if record.runs_since is not None or self._playing is not None:
            return
        if record.command.beep and record.beeps_until is None:
            record.beeps_until = now + BEEP_SECONDS
        elif not record.command.beep or _is_due(record.beeps_until, now):
            record.beeps_until, record.runs_since = None, now

    def _end_record(self, record: _Recording) -> None:
        if record.runs_since is None:
            return
        reason, at = min(self._ends(record).items(), key=lambda item: item[1])
        if _is_due(at, self._network.now):
            self.stop_record(reason)

    def _ends(self, record: _Recording) -> dict[RecordEnd, float]:
        """Say when a running record ends by itself, and why."""
        began, command = record.runs_since or 0.0, record.command
        ends = {RecordEnd.LIMIT: began + min(command.max_seconds, MAX_SECONDS)}
        if command.silence_seconds is not None:
            ends[RecordEnd.SILENCE] = began + self._speech() + command.silence_seconds
        return ends

    def _end_collection(self, reason: CollectEnd) -> None:
        self._tell(DigitsCollected(self.command.endpoint, self._digits.end(), reason))


def _is_due(when: float | None, now: float) -> bool:
    return when is not None and when <= now + _SOON
