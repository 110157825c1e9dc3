"""A record on an endpoint: its phases, the rate its file keeps, and what its end tells."""

import numpy as np
import pytest

from media.codec.catalogue import ENCODINGS
from media.plane import AudioFormat, Record, RecordEnd, RecordEnded
from media.rtp.packet import RtpPacket
from media.running_record import Phase, RunningRecord
from tests.support.sound import pitch, sine

PCMU, G722 = AudioFormat("PCMU", 0), AudioFormat("G722", 9)


class Tape:
    """A record's place in memory."""

    def __init__(self) -> None:
        self.octets = b""
        self.ended: list[RecordEnded] = []

    def write(self, octets: bytes) -> None:
        """Take sound."""
        self.octets += octets

    def finish(self, ended: RecordEnded) -> None:
        """Take the end."""
        self.ended.append(ended)


def speak(record: RunningRecord, audio: AudioFormat, seconds: float, begin: float) -> float:
    """Let a far side say 440 Hz; return when it is done."""
    encoding = ENCODINGS[audio.encoding.lower()]
    codec, rate = encoding.make(), encoding.sample_rate_hz
    size, sound = rate // 50, sine(440, seconds, rate)
    for index in range(len(sound) // size):
        payload = codec.encode(sound[index * size : (index + 1) * size])
        stamp = index * encoding.clock_rate_hz // 50
        packet = RtpPacket(audio.payload_type, index, stamp, round(begin) + 1, payload)
        record.hear(packet, begin + 0.02 * (index + 1))
    return begin + seconds


def running(command: Record, audio: AudioFormat = PCMU) -> tuple[RunningRecord, Tape]:
    """Begin a record at once, at the time 10."""
    encoding, tape = ENCODINGS[audio.encoding.lower()], Tape()
    record = RunningRecord(command, encoding.sample_rate_hz, tape)
    record.listen(encoding, audio, 10.0)
    return record, tape


def test_a_record_that_waits_or_beeps_hears_nothing_and_no_digit_ends_it() -> None:
    tape = Tape()
    record = RunningRecord(Record("a", "/a.wav", terminators="#"), 8000, tape)
    for phase in (Phase.WAITING, Phase.BEEPING):
        record.phase = phase
        speak(record, PCMU, 0.2, 10.0)
        record.poll(12.0)
        assert not record.ends_with("#")
    record.finish(RecordEnd.HANGUP)
    assert tape.ended == [RecordEnded("a", "/a.wav", RecordEnd.HANGUP, 0.0, 0.0)]
    assert tape.octets == b""


def test_a_record_that_runs_ends_with_its_terminators_only() -> None:
    record, _ = running(Record("a", "/a.wav", terminators="*#"))
    assert record.phase is Phase.RUNNING
    assert [digit for digit in "0123456789*#ABCD" if record.ends_with(digit)] == ["*", "#"]


def test_the_limit_and_silence_say_why_a_record_should_end() -> None:
    record, _ = running(Record("a", "/a.wav", max_seconds=0.5))
    assert record.end is None
    speak(record, PCMU, 0.6, 10.0)
    assert record.end is RecordEnd.LIMIT
    record, tape = running(Record("a", "/a.wav", silence_seconds=1.0))
    said = speak(record, PCMU, 0.5, 10.0)
    record.poll(said + 0.5)
    assert record.end is None
    record.poll(said + 1.5)
    assert record.end is RecordEnd.SILENCE
    record.finish(record.end)
    assert tape.ended[0].sounding_seconds == pytest.approx(0.5, abs=0.05)


def test_a_file_keeps_the_rate_it_began_with_when_the_codec_changes() -> None:
    record, tape = running(Record("a", "/a.wav", silence_seconds=None))
    said = speak(record, PCMU, 1.0, 10.0)
    record.listen(ENCODINGS["g722"], G722, said)
    speak(record, G722, 1.0, said)
    record.finish(RecordEnd.STOPPED, "why")
    (ended,) = tape.ended
    assert (ended.reason, ended.detail) == (RecordEnd.STOPPED, "why")
    assert ended.seconds == pytest.approx(2.0, abs=0.1)
    sound = np.frombuffer(tape.octets, np.int16)
    assert len(sound) == round(ended.seconds * 8000)
    assert pitch(sound[1000:7000]) == pytest.approx(440, abs=2)
    assert pitch(sound[-6000:-1000]) == pytest.approx(440, abs=2)
