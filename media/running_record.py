"""A record on an endpoint: it waits for what is played, beeps, then takes the sound."""

from enum import Enum
from typing import Protocol

import soxr

from media.codec.catalogue import Encoding
from media.codec.samples import Samples
from media.hearing import Hearing
from media.plane import AudioFormat, Record, RecordEnd, RecordEnded
from media.record import Recorder
from media.rtp.packet import RtpPacket


class RecordSink(Protocol):
    """Where a record goes; it tells `RecordEnded` when the file is safe."""

    def write(self, octets: bytes) -> None:
        """Take sound, 16-bit mono."""

    def finish(self, ended: RecordEnded) -> None:
        """Complete the file, then report."""


class Phase(Enum):
    """How far a record is."""

    WAITING = "waiting"
    """For the end of what is played."""
    BEEPING = "beeping"
    RUNNING = "running"


class RunningRecord:
    """One record."""

    def __init__(self, command: Record, rate_hz: int, sink: RecordSink) -> None:
        self.command = command
        self.phase = Phase.WAITING
        self.end: RecordEnd | None = None
        """Why it should end now."""
        self._rate_hz = rate_hz
        self._sink = sink
        self._hearing: Hearing | None = None
        self._resampler: soxr.ResampleStream | None = None
        self._recorder = Recorder(
            rate_hz,
            max_seconds=command.max_seconds,
            silence_seconds=command.silence_seconds,
            write=sink.write,
        )

    def listen(self, encoding: Encoding, audio: AudioFormat, now: float) -> None:
        """Begin, or go on in another format; the file keeps the rate it began with."""
        if self._hearing is not None:
            self._hearing.finish()
        self.phase = Phase.RUNNING
        rate_hz = encoding.sample_rate_hz
        self._resampler = (
            None
            if rate_hz == self._rate_hz
            else soxr.ResampleStream(rate_hz, self._rate_hz, 1, dtype="int16")
        )
        self._hearing = Hearing(encoding, audio.payload_type, now, self._take)

    def hear(self, packet: RtpPacket, now: float) -> None:
        """Take a packet."""
        if self._hearing is not None:
            self._hearing.hear(packet, now)

    def poll(self, now: float) -> None:
        """Let time pass."""
        if self._hearing is not None:
            self._hearing.poll(now)

    def ends_with(self, digit: str) -> bool:
        """Say whether a digit ends the record: one that runs, by its terminators."""
        return self.phase is Phase.RUNNING and digit in self.command.terminators

    def finish(self, reason: RecordEnd, detail: str = "") -> None:
        """Let the file be completed and the end be told."""
        if self._hearing is not None:
            self._hearing.finish()
        self._recorder.flush()
        self._sink.finish(
            RecordEnded(
                self.command.endpoint,
                self.command.path,
                reason,
                self._recorder.seconds,
                self._recorder.sounding_seconds,
                detail,
            )
        )

    def _take(self, samples: Samples) -> None:
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        end = self._recorder.hear(samples)
        if self.end is None:
            self.end = end
