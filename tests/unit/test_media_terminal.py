"""A terminal in virtual time: what it sends, hears, records and reports."""

from collections.abc import Iterator

import numpy as np
import pytest

from media.clip import Clip
from media.clip_store import ClipStore
from media.codec.catalogue import ENCODINGS
from media.codec.samples import Samples, silence
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
    RecordEnded,
    Silence,
    Source,
    Terminate,
    TerminationReport,
    Tone,
    ToneName,
)
from media.prompt import PromptCatalogue
from media.rtp.packet import RtpPacket, parse
from media.rtp.sender import Sender
from media.rtp.telephone_event import TelephoneEvent, event_of
from media.terminal import Terminal
from tests.support.sound import chord, pitch, sine

PCMU, G722 = AudioFormat("PCMU", 0), AudioFormat("G722", 9)
STORE = ClipStore(PromptCatalogue(None))
FRAME = 0.02


class Tape:
    """A record's place in memory."""

    def __init__(self, reports: list[TerminationReport]) -> None:
        self.octets = b""
        self._reports = reports

    def write(self, octets: bytes) -> None:
        """Take sound."""
        self.octets += octets

    def finish(self, ended: RecordEnded) -> None:
        """Report."""
        self._reports.append(ended)

    @property
    def sound(self) -> Samples:
        """What was recorded."""
        return np.frombuffer(self.octets, np.int16)


class Call:
    """A terminal and its far side."""

    def __init__(self, audio: AudioFormat = PCMU, *, in_band: bool = False) -> None:
        self.now = 50.0
        self.reports: list[TerminationReport] = []
        self.tapes: list[Tape] = []
        self.command = Terminate("a", audio, telephone_event=101, in_band=in_band)
        self.terminal = Terminal(
            self.command,
            inner="inner",
            sender=Sender(ssrc=9, sequence=0, timestamp=0),
            clip=self._clip,
            sink=self._sink,
            tell=self.reports.append,
        )
        self.terminal.begin(self.now)
        self.sequence = self.timestamp = 0

    def _clip(self, source: Source, command: Terminate) -> Clip:
        return STORE.make(source, command.audio)

    def _sink(self, _command: Record, _rate_hz: int) -> Tape:
        self.tapes.append(Tape(self.reports))
        return self.tapes[-1]

    def run(self, seconds: float, sound: Samples | None = None) -> list[RtpPacket]:
        """Let time pass while the far side says something or nothing: what it hears."""
        encoding = ENCODINGS[self.terminal.command.audio.encoding.lower()]
        size, codec = encoding.sample_rate_hz // 50, encoding.make()
        heard = []
        for index in range(round(seconds / FRAME)):
            self.now += FRAME
            if sound is not None:
                self.say(codec.encode(sound[index * size : (index + 1) * size]))
            heard.append(parse(self.terminal.tick(self.now)))
        return heard

    def say(self, payload: bytes, kind: int | None = None) -> None:
        """Let the far side send a packet."""
        kind = self.terminal.command.audio.payload_type if kind is None else kind
        packet = RtpPacket(kind, self.sequence, self.timestamp, 3, payload)
        self.terminal.receive(packet.octets(), self.now)
        self.sequence += 1
        self.timestamp += 160

    def press(self, digits: str) -> None:
        """Let the far side press keys."""
        for digit in digits:
            self.say(TelephoneEvent(event_of(digit), 400, end=True).octets(), 101)

    def play(self, *sources: Source, barge_in: bool = False, repeat: int | None = 1) -> Play:
        """Play something."""
        play = Play("a", sources, barge_in=barge_in, repeat=repeat)
        self.terminal.announce(play)
        audio = self.terminal.command.audio
        self.terminal.start(play, tuple(STORE.make(each, audio) for each in sources), audio)
        return play

    def record(self, **settings: object) -> Tape:
        """Record without a beep unless asked."""
        command = Record("a", "/a.wav", **{"beep": False, **settings})  # type: ignore[arg-type] # any field
        self.terminal.record(command, self.now)
        return self.tapes[-1]

    def told(self) -> Iterator[TerminationReport]:
        """Take the reports."""
        while self.reports:
            yield self.reports.pop(0)


def sound(packets: list[RtpPacket], name: str = "pcmu") -> Samples:
    codec = ENCODINGS[name].make()
    return np.concatenate([codec.decode(packet.payload) for packet in packets])


def test_a_silent_terminal_sends_silence_without_a_gap() -> None:
    packets = Call().run(1.0)
    assert not sound(packets).any()
    assert [packet.sequence for packet in packets] == list(range(50))
    assert [packet.timestamp for packet in packets] == [160 * n for n in range(50)]
    assert [packet.marker for packet in packets] == [True] + [False] * 49


def test_sources_are_played_one_after_another_and_the_end_is_told() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL, 0.2), Silence(0.1), Tone(ToneName.BEEP))
    heard = sound(call.run(0.7))
    assert pitch(heard[:1600]) == pytest.approx(400, abs=4)
    assert not heard[1600:2400].any()
    assert pitch(heard[2400:4800]) == pytest.approx(1000, abs=4)
    assert list(call.told()) == [PlayEnded("a", PlayEnd.FINISHED)]


def test_where_sound_begins_the_marker_is_set() -> None:
    call = Call()
    call.run(0.1)
    call.play(Tone(ToneName.DIAL))
    assert call.run(0.04)[0].marker


def test_a_play_replaces_another_and_can_be_stopped() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL), repeat=None)
    call.run(5.0)
    call.play(Tone(ToneName.BUSY), repeat=None)
    call.terminal.stop_play()
    call.terminal.stop_play()
    reasons = [report.reason for report in call.told() if isinstance(report, PlayEnded)]
    assert reasons == [PlayEnd.REPLACED, PlayEnd.STOPPED]
    assert not sound(call.run(0.1)).any()


def test_sound_that_comes_too_late_is_not_played() -> None:
    call = Call()
    late = Play("a", (Silence(1),), tag="late")
    call.terminal.announce(late)
    call.play(Tone(ToneName.DIAL), repeat=None)
    call.terminal.start(late, (Clip((b"x" * 160,)),), PCMU)
    call.terminal.fail_play(late, "too late")
    assert list(call.told()) == [PlayEnded("a", PlayEnd.REPLACED, "late")]
    assert pitch(sound(call.run(0.5))) == pytest.approx(400, abs=2)


def test_a_play_whose_sound_cannot_be_had_has_failed() -> None:
    call = Call()
    play = Play("a", (Silence(1),), tag="t")
    call.terminal.announce(play)
    call.terminal.fail_play(play, "no such prompt")
    assert list(call.told()) == [PlayEnded("a", PlayEnd.FAILED, "t", "no such prompt")]


def test_a_digit_interrupts_only_a_play_that_allows_it() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL), repeat=None)
    call.press("1")
    assert list(call.told()) == [DigitHeard("a", "1", DigitForm.EVENT)]
    call.play(Tone(ToneName.DIAL), repeat=None, barge_in=True)
    call.press("2")
    reports = list(call.told())
    assert reports[-1] == PlayEnded("a", PlayEnd.DIGIT)
    assert not sound(call.run(0.1)).any()


def test_a_digit_that_interrupts_counts_for_the_collection() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL), repeat=None, barge_in=True)
    call.terminal.collect(Collect("a", max_digits=2))
    call.press("42")
    assert list(call.told())[-1] == DigitsCollected("a", "42", CollectEnd.COMPLETE)


def test_digits_pressed_before_are_collected_at_once() -> None:
    call = Call()
    call.press("7")
    call.terminal.collect(Collect("a"))
    assert list(call.told())[-1] == DigitsCollected("a", "7", CollectEnd.COMPLETE)


def test_a_collection_times_out_after_the_end_of_the_play() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL, 3.0))
    call.terminal.collect(Collect("a", first_timeout=2.0))
    call.run(4.9)
    assert list(call.told()) == [PlayEnded("a", PlayEnd.FINISHED)]
    call.run(0.2)
    assert list(call.told()) == [DigitsCollected("a", "", CollectEnd.TIMEOUT)]


def test_a_stopped_collection_says_nothing() -> None:
    call = Call()
    call.terminal.collect(Collect("a", first_timeout=1.0))
    call.terminal.stop_collect()
    call.run(3.0)
    assert not call.reports


def test_digits_come_by_signalling_too_and_odd_ones_are_ignored() -> None:
    call = Call()
    for digit in ("#", "a", "", "12", "x"):
        call.terminal.press(digit, DigitForm.SIGNALLED, call.now)
    assert list(call.told()) == [DigitHeard("a", each, DigitForm.SIGNALLED) for each in "#A"]


def test_digits_in_the_sound_are_found_where_asked_for() -> None:
    pressed = np.concatenate((silence(1600), chord(770, 1336, 0.1), silence(2400)))
    deaf, call = Call(), Call(in_band=True)
    deaf.run(0.6, pressed)
    call.run(0.6, pressed)
    assert not deaf.reports
    assert list(call.told()) == [DigitHeard("a", "5", DigitForm.IN_BAND)]


def test_who_sends_events_is_not_heard_twice() -> None:
    call = Call(in_band=True)
    call.press("1")
    call.run(0.3, np.concatenate((chord(770, 1336, 0.1), silence(1600))))
    assert list(call.told()) == [DigitHeard("a", "1", DigitForm.EVENT)]
    call.press("2")
    assert list(call.told()) == [DigitHeard("a", "2", DigitForm.EVENT)]


def test_a_record_holds_what_was_said() -> None:
    call = Call()
    tape = call.record(silence_seconds=None)
    call.run(2.0, sine(440, 2.0))
    call.terminal.stop_record()
    (ended,) = call.told()
    assert isinstance(ended, RecordEnded)
    assert (ended.reason, ended.seconds) == (RecordEnd.STOPPED, pytest.approx(2.0, abs=0.02))
    assert pitch(tape.sound) == pytest.approx(440, abs=1)
    call.terminal.stop_record()
    assert not call.reports


def test_a_record_waits_for_the_play_and_its_beep() -> None:
    call = Call()
    call.play(Tone(ToneName.DIAL, 1.0))
    tape = call.record(beep=True)
    heard = sound(call.run(1.5, sine(440, 1.5)))
    assert pitch(heard[8000:10400]) == pytest.approx(1000, abs=4)
    call.run(0.5, sine(440, 0.5))
    call.terminal.stop_record()
    assert len(tape.sound) == pytest.approx(0.7 * 8000, abs=400)


def test_a_play_during_the_beep_delays_the_record_and_beeps_again() -> None:
    call = Call()
    tape = call.record(beep=True)
    call.run(0.1, sine(440, 0.1))
    call.play(Tone(ToneName.DIAL, 0.5))
    heard = sound(call.run(1.2, sine(440, 1.2)))
    assert pitch(heard[4000:6000]) == pytest.approx(1000, abs=5)
    call.terminal.stop_record()
    assert len(tape.sound) == pytest.approx(0.4 * 8000, abs=500)


@pytest.mark.parametrize("spoken", [True, False])
def test_silence_ends_a_record_whether_it_is_sent_or_not(*, spoken: bool) -> None:
    call = Call()
    call.record(silence_seconds=2.0)
    call.run(1.0, sine(440, 1.0))
    call.run(3.0, silence(24_000) if spoken else None)
    (ended,) = call.told()
    assert isinstance(ended, RecordEnded)
    assert (ended.reason, ended.seconds) == (RecordEnd.SILENCE, pytest.approx(3.0, abs=0.1))
    assert ended.sounding_seconds == pytest.approx(1.0, abs=0.05)


def test_the_limit_ends_a_record() -> None:
    call = Call()
    call.record(max_seconds=1.0)
    call.run(1.2, sine(440, 1.2))
    (ended,) = call.told()
    assert isinstance(ended, RecordEnded)
    assert (ended.reason, ended.seconds) == (RecordEnd.LIMIT, 1.0)


def test_a_terminator_ends_a_record_and_is_not_collected() -> None:
    call = Call()
    call.record(terminators="#")
    call.run(0.2, sine(440, 0.2))
    call.press("1#")
    ended = list(call.told())[-1]
    assert isinstance(ended, RecordEnded)
    assert ended.reason is RecordEnd.DIGIT
    call.terminal.collect(Collect("a", max_digits=5))
    call.press("2")
    call.terminal.hang_up()
    assert list(call.told())[-1] == DigitsCollected("a", "12", CollectEnd.HANGUP)


def test_a_record_whose_file_fails_is_told_once() -> None:
    call = Call()
    call.record()
    command = Record("a", "/other.wav")
    call.terminal.fail_record(command, "not mine")
    assert not call.reports
    running = call.terminal._record
    assert running is not None
    call.terminal.fail_record(running.command, "disk full")
    (ended,) = call.told()
    assert isinstance(ended, RecordEnded)
    assert (ended.reason, ended.detail) == (RecordEnd.FAILED, "disk full")


def test_hanging_up_ends_everything() -> None:
    call = Call()
    call.record()
    call.run(0.5, sine(440, 0.5))
    call.play(Tone(ToneName.DIAL))
    call.terminal.collect(Collect("a"))
    call.terminal.hang_up()
    first, second, third = call.told()
    assert first == PlayEnded("a", PlayEnd.HANGUP)
    assert isinstance(second, RecordEnded)
    assert second.reason is RecordEnd.HANGUP
    assert third == DigitsCollected("a", "", CollectEnd.HANGUP)


def test_a_silent_terminal_changes_its_format_too() -> None:
    call = Call()
    assert call.terminal.change(Terminate("a", G722), call.now) == 0
    assert {packet.payload_type for packet in call.run(0.1)} == {9}


def test_events_that_are_none_are_ignored() -> None:
    call = Call()
    call.say(b"x", 101)
    assert not call.reports


def test_another_format_goes_on_where_the_former_was() -> None:
    call = Call()
    play = call.play(Tone(ToneName.DIAL), repeat=None)
    tape = call.record(silence_seconds=None)
    call.terminal._record.listen(ENCODINGS["pcmu"], PCMU, call.now)  # type: ignore[union-attr] # it is there
    call.run(1.0, sine(440, 1.0))
    heard_ms = call.terminal.change(Terminate("a", G722), call.now)
    assert heard_ms == 1000
    call.terminal.start(play, (STORE.make(Tone(ToneName.DIAL), PCMU),), PCMU, heard_ms)
    call.terminal.start(play, (STORE.make(Tone(ToneName.DIAL), G722),), G722, heard_ms)
    packets = call.run(1.0, sine(440, 1.0, 16000))
    assert {packet.payload_type for packet in packets} == {9}
    assert pitch(sound(packets, "g722")[8000:], 16000) == pytest.approx(400, abs=2)
    call.terminal.stop_record()
    assert len(tape.sound) == pytest.approx(16_000, abs=600)
    assert pitch(tape.sound[9000:15_000]) == pytest.approx(440, abs=2)


def test_a_record_that_waits_goes_on_waiting_in_another_format() -> None:
    call = Call()
    tape = call.record(beep=True)
    call.run(0.1)
    assert call.terminal.change(Terminate("a", AudioFormat("PCMA", 8, 40)), call.now) == 100
    assert call.terminal.ptime_ms == 40
    call.run(0.4)
    call.run(0.5, sine(440, 0.5))
    call.terminal.stop_record()
    assert tape.octets


class Engine:
    """An engine that says what it hears."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self.says: Samples | None = None

    def hear(self, samples: Samples) -> None:
        """Take sound."""
        self.heard.append(samples)

    def speak(self, count: int) -> Samples | None:
        """Give sound, if there is any."""
        return None if self.says is None else self.says[:count]


def test_an_engine_speaks_and_listens_in_samples() -> None:
    call = Call()
    engine = Engine()
    call.terminal.listen(engine, call.now)
    call.play(Tone(ToneName.DIAL), repeat=None)
    assert pitch(sound(call.run(0.5, sine(440, 0.5)))) == pytest.approx(400, abs=2)
    assert pitch(np.concatenate(engine.heard)) == pytest.approx(440, abs=2)
    engine.says = sine(300, 1.0)
    assert pitch(sound(call.run(0.02))) == pytest.approx(300, abs=10)
    call.terminal.listen(None, call.now)
    engine.heard.clear()
    call.run(0.2, sine(440, 0.2))
    assert not engine.heard


@pytest.mark.parametrize("octets", [b"", b"\x80", b"\x80\x00\x00", b"\x00" * 12, b"\x8f\x00" * 6])
def test_what_is_no_packet_is_ignored(octets: bytes) -> None:
    call = Call(in_band=True)
    call.terminal.receive(octets, call.now)
    call.run(0.1)
    assert not call.reports


def test_a_terminal_shows_what_it_does() -> None:
    call = Call()
    assert repr(call.terminal) == "<Terminal a: silent>"
    call.record()
    call.play(Silence(1))
    call.terminal.collect(Collect("a"))
    assert "plays (Silence(seconds=1),), records /a.wav, collects" in repr(call.terminal)


def test_a_play_whose_sound_is_late_is_not_over_with_the_beep_that_it_cuts() -> None:
    call = Call()
    call.record(beep=True)
    call.run(0.1)
    play = Play("a", (Tone(ToneName.DIAL, 0.2),))
    call.terminal.announce(play)
    assert not sound(call.run(0.5)).any()
    assert list(call.told()) == []
    audio = call.terminal.command.audio
    call.terminal.start(play, (STORE.make(play.sources[0], audio),), audio)
    call.run(0.22)
    assert list(call.told()) == [PlayEnded("a", PlayEnd.FINISHED)]
    assert pitch(sound(call.run(0.28))) == pytest.approx(1000, abs=5)
