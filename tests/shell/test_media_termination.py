"""The terminating media plane over a real relay: what a far side hears and what is kept of it."""

import asyncio
import os
import random
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
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
    OneWay,
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
    StopCollect,
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
from media.terminal_sockets import TERMINALS_A_SOCKET
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
    kind: Kind,
    prompts: Path | None = None,
    *,
    most: int = 100,
    ports: int = 200,
    one_way_after: float = 5.0,
    host: str = "127.0.0.1",
) -> AsyncIterator[Bench]:
    low = random.randrange(20_000, 32_000, 2)  # noqa: S311 - not for secrets
    settings = RelaySettings(
        port_low=low,
        port_high=low + ports - 1,
        address_v4="127.0.0.1",
        quarantine=0,
        one_way_after=one_way_after,
        watch_interval=0.1,
    )
    plane = Termination(
        kind(settings), TerminationSettings(host=host, prompts=prompts, max_terminals=most)
    )
    running = Bench(plane)
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
    steps = {(b[1] - a[1]) & 0xFFFFFFFF for a, b in pairwise(headers)}
    assert steps == {phone.encoding.clock_rate_hz // 50}
    assert {(b[0] - a[0]) & 0xFFFF for a, b in pairwise(headers)} == {1}


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
    assert await asyncio.to_thread(os.listdir, tmp_path) == ["message.wav"]


async def test_an_endpoint_goes_from_a_call_to_the_plane_and_back_on_its_ports(kind: Kind) -> None:
    async with bench(kind) as b:
        alice, bob = await b.phone("a"), await b.phone("b")
        ports = alice.to, bob.to
        b.plane.perform(Connect("a", "b"))
        await asyncio.gather(alice.say(sine(440, 0.3)), bob.say(sine(880, 0.3)))
        assert pitch(alice.heard()[-1600:]) == pytest.approx(880, abs=5)
        b.plane.perform(Terminate("a", PCMU))
        await b.until(Terminated)
        alice.packets.clear()
        b.plane.perform(Play("a", (Tone(ToneName.DIAL),), repeat=None))
        await asyncio.gather(alice.say(sine(440, 0.4)), bob.say(sine(880, 0.4)))
        assert pitch(alice.heard()[-1600:]) == pytest.approx(400, abs=5)
        b.plane.perform(Connect("b", "a"))
        assert (await b.until(PlayEnded)).reason is PlayEnd.HANGUP
        alice.packets.clear()
        bob.packets.clear()
        await asyncio.gather(alice.say(sine(440, 0.3)), bob.say(sine(880, 0.3)))
        assert pitch(alice.heard()[-1600:]) == pytest.approx(880, abs=5)
        assert pitch(bob.heard()[-1600:]) == pytest.approx(440, abs=5)
        assert (alice.to, bob.to) == ports
        assert not len(b.plane)
        # Nothing is told of the inner endpoint, and nobody is missed.
        assert {report.endpoint for report in b.reports} <= {"a", "b"}
        assert not b.told(OneWay)
        b.plane.perform(Release("a"))
        assert (await b.until(Released)).streams[0].packets_rejected == 0


async def test_a_far_side_that_says_nothing_is_told_as_one_way_and_ours_is_not() -> None:
    async with bench(UvloopRelay, one_way_after=0.5) as b:
        await b.terminated()
        b.plane.perform(Play("a", (Tone(ToneName.DIAL),), repeat=None))
        assert (await b.until(OneWay)).reason.startswith("nothing from 127.0.0.1")
        assert {report.endpoint for report in b.reports} <= {"a"}


async def test_packets_leave_by_an_absolute_clock() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        phone.packets.clear()
        await asyncio.sleep(2.0)
        times = [at for at, _ in phone.packets]
    # Late packets don't delay those after them: over many the rate is exact.
    assert (times[-1] - times[0]) / (len(times) - 1) == pytest.approx(0.02, abs=0.0008)


async def test_digits_are_heard_in_all_three_forms() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated(in_band=True)
        b.plane.perform(Collect("a", max_digits=3))
        await phone.say(np.concatenate((chord(941, 1336, 0.1), np.zeros(1600, np.int16))))
        assert (await b.until(DigitHeard)).form is DigitForm.IN_BAND
        b.plane.perform(Digit("a", "1"))
        assert (await b.until(DigitHeard)).form is DigitForm.SIGNALLED
        phone.press("2")
        assert (await b.until(DigitHeard)).form is DigitForm.EVENT
        assert await b.until(DigitsCollected) == DigitsCollected("a", "012", CollectEnd.COMPLETE)


async def test_a_digit_cuts_a_prompt_short() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        b.plane.perform(Play("a", (Music(),), barge_in=True))
        b.plane.perform(Collect("a"))
        await phone.say(sine(440, 0.2))
        phone.press("9")
        assert (await b.until(PlayEnded)).reason is PlayEnd.DIGIT
        assert (await b.until(DigitsCollected)).digits == "9"


async def test_a_caller_who_hangs_up_leaves_a_whole_file(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "message.wav"
    async with bench(kind) as b:
        phone = await b.terminated()
        b.plane.perform(Record("a", str(path)))
        await phone.say(sine(440, 1.0), lose=lambda index: index % 10 == 3)
        b.plane.perform(Release("a"))
        ended = await b.until(RecordEnded)
    sound, _ = soundfile.read(path, dtype="int16")
    assert ended.reason is RecordEnd.HANGUP
    assert len(sound) / 8000 == pytest.approx(ended.seconds)
    assert pitch(sound[800:]) == pytest.approx(440, abs=2)
    assert purity(sound[800:], 440) > 0.9


async def test_a_plane_that_closes_completes_its_records(tmp_path: Path) -> None:
    path = tmp_path / "message.wav"
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        b.plane.perform(Record("a", str(path), beep=False))
        await phone.say(sine(440, 0.5))
    assert b.told(RecordEnded)[0].reason is RecordEnd.HANGUP
    assert soundfile.info(path).duration == pytest.approx(0.5, abs=0.06)


async def test_a_record_that_cannot_be_written_fails_while_the_caller_speaks(
    tmp_path: Path,
) -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        b.plane.perform(Record("a", str(tmp_path / "none" / "m.wav"), beep=False))
        await phone.say(sine(440, 1.2))
        ended = await b.until(RecordEnded)
        assert ended.reason is RecordEnd.FAILED
        assert "none/m.wav: No such file or directory" in ended.detail
        b.plane.perform(Record("a", str(tmp_path / "none" / "m.wav"), beep=False))
        b.plane.perform(StopRecord("a"))
        assert (await b.until(RecordEnded)).reason is RecordEnd.FAILED


async def test_a_disk_that_is_full_fails_the_record() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        # Every write to /dev/full fails as on a full disk; its name takes no suffix, so link to it.
        folder = await asyncio.to_thread(tempfile.mkdtemp)
        await asyncio.to_thread(os.symlink, "/dev/full", f"{folder}/m.wav.part")
        b.plane.perform(Record("a", f"{folder}/m.wav", beep=False))
        await phone.say(sine(440, 1.2))
        b.plane.perform(StopRecord("a"))
        ended = await b.until(RecordEnded)
        assert (ended.reason, ended.detail) == (
            RecordEnd.FAILED,
            f"{folder}/m.wav: No space left on device",
        )
        assert not await asyncio.to_thread(os.listdir, folder)
        await asyncio.to_thread(os.rmdir, folder)


async def test_prompts_and_files_are_played_and_missing_ones_told(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    soundfile.write(tmp_path / "ja/hello.wav", sine(600, 0.3, 16000), 16000)
    soundfile.write(tmp_path / "own.wav", sine(900, 0.3, 44100), 44100)
    async with bench(UvloopRelay, tmp_path) as b:
        phone = await b.terminated()
        pieces = (Prompt("hello"), Silence(0.1), AudioFile(str(tmp_path / "own.wav")))
        b.plane.perform(Play("a", pieces))
        assert (await b.until(PlayEnded)).reason is PlayEnd.FINISHED
        heard = phone.heard()
        begin = int(np.argmax(np.abs(heard) > 500))
        assert pitch(heard[begin : begin + 2000]) == pytest.approx(600, abs=4)
        assert pitch(heard[begin + 3600 : begin + 5200]) == pytest.approx(900, abs=4)
        b.plane.perform(Play("a", (Prompt("none"),), tag="t"))
        ended = await b.until(PlayEnded)
        assert (ended.reason, ended.tag) == (PlayEnd.FAILED, "t")
        assert ended.detail.startswith("prompt 'none' is not in")
        (tmp_path / "bad.wav").write_bytes(b"not a sound at all")
        b.plane.perform(Play("a", (AudioFile(str(tmp_path / "bad.wav")),)))
        assert "bad.wav" in (await b.until(PlayEnded)).detail
        b.plane.perform(Play("a", ()))
        assert "0 sources" in (await b.until(PlayEnded)).detail


async def test_sounds_can_be_made_ready_before_they_are_needed(tmp_path: Path) -> None:
    async with bench(UvloopRelay, tmp_path) as b:
        faults = await b.plane.prepare([Tone(ToneName.BUSY), Prompt("none")], [PCMU])
        assert len(faults) == 1
        await b.terminated()
        b.plane.perform(Play("a", (Tone(ToneName.BUSY), Tone(ToneName.BUSY)), repeat=None))
        b.plane.perform(StopPlay("a"))
        assert (await b.until(PlayEnded)).reason is PlayEnd.STOPPED


async def test_what_cannot_be_terminated_is_told() -> None:
    async with bench(UvloopRelay, most=1) as b:
        b.plane.perform(Terminate("a", PCMU))
        assert "no such stream" in (await b.until(TerminationFailed)).reason
        await b.terminated()
        b.plane.perform(Terminate("a", AudioFormat("G729", 18)))
        assert "'G729' is none of" in (await b.until(TerminationFailed)).reason
        await b.phone("b")
        b.plane.perform(Terminate("b", PCMU))
        assert "1 endpoints" in (await b.until(TerminationFailed, "b")).reason
        b.plane.perform(Play("b", (Music(),)))
        assert (await b.until(PlayEnded, "b")).detail == "the endpoint is not terminated"
        b.plane.perform(Record("b", "/none"))
        assert (await b.until(RecordEnded, "b")).detail == "the endpoint is not terminated"
        for command in (StopPlay("b"), StopRecord("b"), StopCollect("b"), Digit("b", "1")):
            b.plane.perform(command)
        assert not b.plane.attach("b", None)
        assert len(b.plane) == 1


async def test_without_free_ports_a_termination_fails_and_leaves_nothing() -> None:
    async with bench(UvloopRelay, ports=2) as b:
        await b.phone()
        b.plane.perform(Terminate("a", PCMU))
        assert "in use" in (await b.until(TerminationFailed)).reason
        assert not len(b.plane)


async def test_without_a_socket_a_termination_fails() -> None:
    async with bench(UvloopRelay, host="192.0.2.1") as b:
        await b.phone()
        b.plane.perform(Terminate("a", PCMU))
        assert "Cannot assign" in (await b.until(TerminationFailed)).reason
        assert not len(b.plane)


async def test_re_negotiation_changes_the_codec_and_the_play_goes_on() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        b.plane.perform(Play("a", (Tone(ToneName.DIAL),), repeat=None))
        await asyncio.sleep(0.2)
        pcma = AudioFormat("PCMA", 8, 40)
        for _ in range(2):
            b.plane.perform(Terminate("a", pcma))
            await b.until(Terminated)
        phone.packets.clear()
        await asyncio.sleep(0.5)
        phone.codec = ENCODINGS["pcma"].make()
        assert {packet[1] & 127 for _, packet in phone.packets[1:]} == {8}
        assert {len(packet) for _, packet in phone.packets[1:]} == {12 + 320}
        phone.packets = phone.packets[4:]
        assert pitch(phone.heard()) == pytest.approx(400, abs=3)


async def test_another_stream_of_the_endpoint_can_be_the_sound() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.phone()
        b.plane.perform(Terminate("a", PCMU))
        b.plane.perform(Allocate("a", "call", 2))
        local = (await b.until(Allocated)).streams[1]
        b.plane.perform(Direct("a", 1, phone.address))
        b.plane.perform(Terminate("a", PCMU, stream=1))
        await b.until(Terminated)
        phone.packets.clear()
        phone.to = (local.host, local.port)
        b.plane.perform(Play("a", (Tone(ToneName.DIAL),), repeat=None))
        await asyncio.sleep(0.4)
        assert pitch(phone.heard()[-1600:]) == pytest.approx(400, abs=5)


async def test_more_terminals_than_fit_a_socket_all_hear_their_own(kind: Kind) -> None:
    async with bench(kind) as b:
        phones = []
        for number in range(TERMINALS_A_SOCKET + 2):
            name = f"e{number}"
            phones.append(await b.phone(name))
            b.plane.perform(Terminate(name, PCMU))
            await b.until(Terminated, name)
            source = Tone(ToneName.BEEP, 1.0) if number % 2 else Tone(ToneName.DIAL)
            b.plane.perform(Play(name, (source,), repeat=None))
        await asyncio.sleep(0.5)
        for number, phone in enumerate(phones):
            expected = 1000 if number % 2 else 400
            assert pitch(phone.heard()[-1600:]) == pytest.approx(expected, abs=10)
        assert "10 terminals over <" in repr(b.plane)
        assert b.plane.ticks_skipped == 0
        assert b.plane.counters("e0")[0].packets_sent > 10


class Echo:
    """An engine that says 300 Hz and keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self._said = 0

    def hear(self, samples: Samples) -> None:
        """Take sound."""
        self.heard.append(samples)

    def speak(self, count: int) -> Samples:
        """Give sound."""
        self._said += count
        return sine(300, 10.0)[self._said - count : self._said]


async def test_an_engine_talks_with_the_far_side_in_samples() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        engine = Echo()
        assert b.plane.attach("a", engine)
        await phone.say(sine(440, 0.5))
        assert pitch(np.concatenate(engine.heard)[-1600:]) == pytest.approx(440, abs=5)
        assert pitch(phone.heard()[-1600:]) == pytest.approx(300, abs=5)


async def test_strangers_and_rubbish_do_not_disturb_a_terminal() -> None:
    async with bench(UvloopRelay) as b:
        phone = await b.terminated()
        phone.socket.sendto(b"\x80", phone.to)
        for line in b.plane._sockets._lines:
            here = line.address
            phone.socket.sendto(b"\x80\x00" * 8, (here.host, here.port))
        phone.press("5")
        assert (await b.until(DigitHeard)).digit == "5"


async def test_a_plane_without_terminals_rests_and_wakes_again() -> None:
    async with bench(UvloopRelay) as b:
        await b.terminated()
        b.plane.perform(Release("a"))
        await b.until(Released)
        await asyncio.sleep(0.05)
        assert b.plane._sockets._clock is None
        phone = await b.terminated()
        await asyncio.sleep(0.1)
        assert phone.packets
