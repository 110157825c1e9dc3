"""Hearing: packets as continuous sound."""

import numpy as np
import pytest

from media.codec.catalogue import ENCODINGS
from media.codec.samples import Samples
from media.hearing import LAG, Hearing
from media.rtp.packet import RtpPacket
from tests.support.sound import pitch, purity, sine

FRAME = 0.02


class Ear:
    """A hearing in virtual time, and what it gave."""

    def __init__(self, name: str = "pcmu", payload_type: int = 0) -> None:
        self.encoding = ENCODINGS[name]
        self.rate = self.encoding.sample_rate_hz
        self.codec = self.encoding.make()
        self.parts: list[Samples] = []
        self.now = 100.0
        self.hearing = Hearing(self.encoding, payload_type, self.now, self.parts.append)
        self.kind = payload_type
        self.sequence = 65_500
        self.timestamp = 0xFFFFFF00
        self.ssrc = 7

    def packets(self, sound: Samples) -> list[RtpPacket]:
        """Make the packets of a sound."""
        size, made = self.rate // 50, []
        for at in range(0, len(sound), size):
            payload = self.codec.encode(sound[at : at + size])
            made.append(self.packet(payload))
            self.pass_by(1)
        return made

    def packet(self, payload: bytes, kind: int | None = None) -> RtpPacket:
        """Make the packet that would be next."""
        kind = self.kind if kind is None else kind
        return RtpPacket(
            kind, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc, payload
        )

    def pass_by(self, packets: int, *, unsent: int = 0) -> None:
        """Let the stream advance; `unsent` packet times have no number."""
        self.sequence += packets
        self.timestamp += (packets + unsent) * self.encoding.clock_rate_hz // 50

    def hear(self, *packets: RtpPacket) -> None:
        """Receive packets in time."""
        for each in packets:
            self.now += FRAME
            self.hearing.hear(each, self.now)
            self.hearing.poll(self.now)

    def idle(self, seconds: float) -> None:
        """Receive nothing."""
        for _ in range(round(seconds / FRAME)):
            self.now += FRAME
            self.hearing.poll(self.now)

    @property
    def heard(self) -> Samples:
        """All that was given."""
        return np.concatenate(self.parts) if self.parts else np.zeros(0, np.int16)


@pytest.mark.parametrize(("name", "kind"), [("pcmu", 0), ("pcma", 8), ("g722", 9), ("opus", 107)])
def test_a_tone_is_heard_in_full(name: str, kind: int) -> None:
    ear = Ear(name, kind)
    ear.hear(*ear.packets(sine(440, 1.0, ear.rate)))
    assert len(ear.heard) == ear.rate
    assert purity(ear.heard, 440, ear.rate) > 0.95


@pytest.mark.parametrize(("name", "kind"), [("pcmu", 0), ("g722", 9), ("opus", 107)])
def test_lost_packets_are_concealed(name: str, kind: int) -> None:
    ear = Ear(name, kind)
    packets = ear.packets(sine(440, 2.0, ear.rate))
    for index, each in enumerate(packets):
        if index % 20 == 7:
            ear.idle(FRAME)
        else:
            ear.hear(each)
    ear.hearing.finish()
    assert len(ear.heard) == 2 * ear.rate
    assert pitch(ear.heard, ear.rate) == pytest.approx(440, abs=0.5)
    assert purity(ear.heard, 440, ear.rate) > 0.93


def test_packets_in_disorder_are_heard_in_order() -> None:
    ear = Ear()
    sound = sine(440, 1.0)
    packets = ear.packets(sound)
    for at in range(0, 50, 5):
        packets[at : at + 5] = [packets[at], *reversed(packets[at + 1 : at + 5])]
    ear.hear(*packets, *packets[-3:])
    assert np.array_equal(ear.heard, ear.codec.decode(ear.codec.encode(sound)))


def test_what_waits_for_a_lost_packet_is_heard_at_the_end() -> None:
    ear = Ear()
    packets = ear.packets(sine(440, 0.2))
    ear.hear(*packets[:5], *packets[6:])
    assert len(ear.heard) == 800
    ear.hearing.finish()
    assert len(ear.heard) == 1600


def test_a_long_loss_ends_in_silence_of_the_same_length() -> None:
    ear = Ear()
    packets = ear.packets(sine(440, 2.0))
    ear.hear(*packets[:25])
    ear.idle(0.5)
    ear.hear(*packets[50:])
    ear.hearing.finish()
    assert len(ear.heard) == pytest.approx(16000, abs=320)
    assert not ear.heard[5000:7400].any()


def test_pauses_that_are_not_sent_are_silence() -> None:
    ear = Ear()
    ear.hear(*ear.packets(sine(440, 0.4)))
    ear.pass_by(0, unsent=10)
    ear.now += 0.2
    ear.hear(*ear.packets(sine(440, 0.4)))
    assert len(ear.heard) == 8000
    assert not ear.heard[3200:4800].any()


def test_comfort_noise_and_events_are_silence() -> None:
    ear = Ear()
    ear.hear(*ear.packets(sine(440, 0.2)))
    for kind in (13, 101):
        ear.hear(ear.packet(b"\x40", kind))
        ear.pass_by(1, unsent=4)
        ear.now += 0.08
    ear.hear(*ear.packets(sine(440, 0.2)))
    assert len(ear.heard) == pytest.approx(1600 + 1600 + 1600)
    assert not ear.heard[1600:3200].any()


def test_comfort_noise_before_any_sound_is_ignored() -> None:
    ear = Ear()
    ear.hear(ear.packet(b"\x40", 13))
    assert not len(ear.heard)


def test_silence_follows_the_clock_when_nothing_comes() -> None:
    ear = Ear()
    ear.idle(3.0)
    assert len(ear.heard) == pytest.approx((3.0 - LAG) * 8000, abs=200)
    ear.hear(*ear.packets(sine(440, 1.0)))
    assert len(ear.heard) == pytest.approx(32000, abs=200)
    assert pitch(ear.heard[24000:]) == pytest.approx(440, abs=1)


def test_a_stream_that_begins_anew_is_placed_by_the_clock() -> None:
    ear = Ear()
    ear.hear(*ear.packets(sine(440, 0.5)))
    ear.idle(0.1)
    ear.ssrc, ear.timestamp = 8, 5
    ear.hear(*ear.packets(sine(440, 0.5)))
    ear.timestamp += 900_000
    ear.idle(0.1)
    ear.hear(*ear.packets(sine(440, 0.5)))
    assert len(ear.heard) == pytest.approx(1.7 * 8000, abs=320)


def test_a_timestamp_that_steps_back_adds_nothing() -> None:
    ear = Ear()
    ear.hear(*ear.packets(sine(440, 0.2)))
    ear.timestamp -= 400
    ear.hear(*ear.packets(sine(440, 0.2)))
    assert len(ear.heard) == 3200


def test_a_sender_faster_than_the_clock_is_not_believed() -> None:
    ear = Ear()
    for each in ear.packets(sine(440, 60.0)):
        ear.hearing.hear(each, ear.now)
    assert len(ear.heard) <= 2.1 * 8000


def test_what_is_no_payload_is_skipped() -> None:
    ear = Ear("opus", 107)
    ear.hear(ear.packet(b"\xff\xff\xff"))
    ear.hear(*ear.packets(sine(440, 0.2, 16000)))
    assert len(ear.heard) == pytest.approx(0.22 * 16000, abs=330)


def test_longer_packets_than_ours_are_heard() -> None:
    ear = Ear()
    for at in range(0, 8000, 480):
        ear.now += 0.06
        ear.hearing.hear(ear.packet(ear.codec.encode(sine(440, 1.02)[at : at + 480])), ear.now)
        ear.pass_by(1, unsent=2)
    assert pitch(ear.heard) == pytest.approx(440, abs=1)
    assert len(ear.heard) == 17 * 480
