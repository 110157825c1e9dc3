"""The terminating media plane over a real relay: what a far side hears and what is kept of it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from struct import pack, unpack_from
from typing import TypeVar

import numpy as np
import pytest
import soundfile

from media.codec.catalogue import ENCODINGS, Codec
from media.codec.samples import Samples
from media.plane import (
    Allocate,
    Allocated,
    AudioFile,
    AudioFormat,
    Collect,
    CollectEnd,
    Connect,
    Digit,
    DigitForm,
    DigitHeard,
    DigitsCollected,
    Direct,
    MediaAddress,
    Music,
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
    Silence,
    StopPlay,
    StopRecord,
    Terminate,
    Terminated,
    TerminationFailed,
    Tone,
    ToneName,
)
from media.relay import NativeRelay, RelaySettings, UvloopRelay
from media.rtp.telephone_event import TelephoneEvent, event_of
from media.termination import Termination, TerminationSettings
from tests.support.sound import cadence, chord, pitch, purity, sine

PCMU = AudioFormat("PCMU", 0)
KINDS = {"native": NativeRelay, "loop": UvloopRelay}
Kind = type[UvloopRelay] | type[NativeRelay]
Report = TypeVar("Report", bound=PlaneReport)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "native":
        pytest.importorskip("media._relay", reason="the native part is not built")
    return KINDS[request.param]


class Phone:
    """A far side that speaks and hears sound in one codec."""

    def __init__(self, audio: AudioFormat) -> None:
        self.audio = audio
        self.encoding = ENCODINGS[audio.encoding.lower()]
        self.codec: Codec = self.encoding.make()
        self.socket = socket(AF_INET, SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.packets: list[tuple[float, bytes]] = []
        self.sequence = 65_530
        self.timestamp = 0
        self.to = ("", 0)
        asyncio.get_running_loop().add_reader(self.socket, self._read)

    @property
    def address(self) -> MediaAddress:
        """Say where it is."""
        host, port = self.socket.getsockname()
        return MediaAddress(host, port, port)

    def _read(self) -> None:
        self.packets.append((asyncio.get_running_loop().time(), self.socket.recv(4096)))

    def send(
        self, payload: bytes, step: int, *, kind: int | None = None, at: int | None = None
    ) -> None:
        """Send a packet; `at` is a timestamp other than the stream's."""
        stamp = self.timestamp if at is None else at
        number = self.audio.payload_type if kind is None else kind
        self.socket.sendto(
            pack("!BBHII", 0x80, number, self.sequence & 0xFFFF, stamp, 77) + payload, self.to
        )
        self.sequence += 1
        self.timestamp += step

    async def say(self, samples: Samples, *, lose: Callable[[int], bool] = lambda _: False) -> None:
        """Speak in real time."""
        loop = asyncio.get_running_loop()
        size = self.encoding.sample_rate_hz // 50
        began = loop.time()
        for index in range(len(samples) // size):
            payload = self.codec.encode(samples[index * size : (index + 1) * size])
            if lose(index):
                self.sequence += 1
                self.timestamp += self.encoding.clock_rate_hz // 50
            else:
                self.send(payload, self.encoding.clock_rate_hz // 50)
            await asyncio.sleep(began + (index + 1) * 0.02 - loop.time())

    def press(self, digit: str, kind: int = 101) -> None:
        """Press a key as RFC 4733 tells it: each packet of the end three times."""
        stamp = self.timestamp
        for duration in (160, 320, 480):
            self.send(TelephoneEvent(event_of(digit), duration).octets(), 0, kind=kind, at=stamp)
        for _ in range(3):
            octets = TelephoneEvent(event_of(digit), 640, end=True).octets()
            self.send(octets, 0, kind=kind, at=stamp)
        self.timestamp += 800

    def heard(self) -> Samples:
        """Decode everything that was heard so far."""
        return np.concatenate([self.codec.decode(packet[12:]) for _, packet in self.packets])

    def headers(self) -> list[tuple[int, int, int, bool]]:
        """Read sequence number, timestamp, SSRC and marker of what was heard."""
        read = [unpack_from("!BBHII", packet) for _, packet in self.packets]
        return [(number, stamp, ssrc, second > 127) for _, second, number, stamp, ssrc in read]

    def close(self) -> None:
        """Be gone."""
        asyncio.get_running_loop().remove_reader(self.socket)
        self.socket.close()


class Bench:
    """A plane, its reports, and phones on its endpoints."""

    def __init__(self, plane: Termination) -> None:
        self.plane = plane
        self.reports: list[PlaneReport] = []
        self.phones: list[Phone] = []
        self._came = asyncio.Event()

    def note(self, report: PlaneReport) -> None:
        """Take a report."""
        self.reports.append(report)
        self._came.set()

    async def until(
        self, kind: type[Report], endpoint: str = "a", *, within: float = 5.0
    ) -> Report:
        """Wait for an endpoint's report and take it off the pile."""
        async with asyncio.timeout(within):
            while True:
                for index, report in enumerate(self.reports):
                    if isinstance(report, kind) and report.endpoint == endpoint:
                        del self.reports[index]
                        return report
                self._came.clear()
                await self._came.wait()

    def told(self, kind: type[Report]) -> list[Report]:
        """Give the reports of a kind that came so far."""
        return [report for report in self.reports if isinstance(report, kind)]

    async def phone(self, endpoint: str = "a", audio: AudioFormat = PCMU) -> Phone:
        """Put a phone on a new endpoint."""
        phone = Phone(audio)
        self.phones.append(phone)
        self.plane.perform(Allocate(endpoint, "call"))
        (local,) = (await self.until(Allocated, endpoint)).streams
        phone.to = (local.host, local.port)
        self.plane.perform(Direct(endpoint, 0, phone.address, source="127.0.0.1"))
        return phone

    async def terminated(self, audio: AudioFormat = PCMU, **settings: bool) -> Phone:
        """Put a phone on an endpoint that is terminated."""
        phone = await self.phone("a", audio)
        self.plane.perform(Terminate("a", audio, telephone_event=101, **settings))
        await self.until(Terminated)
        return phone


@asynccontextmanager
async def bench(
    kind: Kind, prompts: Path | None = None, *, most: int = 100
) -> AsyncIterator[Bench]:
    low = random.randrange(20_000, 32_000, 2)  # noqa: S311 - not for secrets
    relay = kind(
        RelaySettings(port_low=low, port_high=low + 199, address_v4="127.0.0.1", quarantine=0)
    )
    running = Bench(Termination(relay, TerminationSettings(prompts=prompts, max_terminals=most)))
    running.plane.start(running.note)
    try:
        yield running
    finally:
        await running.plane.close()
        for phone in running.phones:
            phone.close()


async def test_a_busy_tone_arrives_with_its_pitch_and_cadence(kind: Kind) -> None:
    async with bench(kind) as b:
        phone = await b.terminated()
        b.plane.perform(Play("a", (Tone(ToneName.BUSY),), repeat=2, tag="t1"))
        assert await b.until(PlayEnded) == PlayEnded("a", PlayEnd.FINISHED, "t1")
        heard = phone.heard()
    runs = [run for run in cadence(heard) if run[1] > 0.05]
    first = next(index for index, (sounds, _) in enumerate(runs) if sounds)
    assert [sounds for sounds, _ in runs[first : first + 4]] == [True, False, True, False]
    assert all(abs(seconds - 0.5) <= 0.02 for _, seconds in runs[first : first + 3])
    sounds = heard[np.abs(heard) > 1000]
    assert len(sounds)
    begin = int(np.argmax(np.abs(heard) > 500))
    assert pitch(heard[begin : begin + 3900]) == pytest.approx(400, abs=1)


@pytest.mark.parametrize(
    "audio",
    [PCMU, AudioFormat("PCMA", 8), AudioFormat("G722", 9), AudioFormat("opus", 107)],
    ids=lambda audio: audio.encoding,
)
async def test_every_codec_carries_a_tone_and_its_clock(audio: AudioFormat) -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated(audio)
        b.plane.perform(Play("a", (Tone(ToneName.DIAL, 1.0),)))
        await b.until(PlayEnded)
        heard, headers = phone.heard(), phone.headers()
    rate = phone.encoding.sample_rate_hz
    assert purity(heard[-rate * 8 // 10 :], 400, rate) > 0.95
    steps = {(b[1] - a[1]) & 0xFFFFFFFF for a, b in zip(headers, headers[1:], strict=False)}
    assert steps == {phone.encoding.clock_rate_hz // 50}
    assert {(b[0] - a[0]) & 0xFFFF for a, b in zip(headers, headers[1:], strict=False)} == {1}


async def test_a_record_of_a_tone_holds_the_tone_and_its_length(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "message.wav"
    async with bench(kind) as b:
        phone = await b.terminated()
        b.plane.perform(Record("a", str(path), beep=False, silence_seconds=None))
        await phone.say(sine(440, 2.0))
        b.plane.perform(StopRecord("a"))
        ended = await b.until(RecordEnded)
    sound, rate = soundfile.read(path, dtype="int16")
    assert ended.reason is RecordEnd.STOPPED
    assert rate == 8000
    assert len(sound) / rate == pytest.approx(ended.seconds)
    assert ended.seconds == pytest.approx(2.0, abs=0.06)
    assert ended.sounding_seconds == pytest.approx(2.0, abs=0.06)
    assert pitch(sound) == pytest.approx(440, abs=1)
    assert list(tmp_path.iterdir()) == [path]
