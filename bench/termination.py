"""Measure the terminating media plane: CPU time an endpoint that plays, records or hears digits.

Run from the project's root: `python -m bench.termination --endpoints 200 --work play`. The plane,
its relay included, runs in this process; the far sides speak from a process of their own.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from itertools import count
from resource import RUSAGE_SELF, getrusage
from socket import AF_INET, SOCK_DGRAM, socket
from struct import pack

import uvloop

from media.codec.catalogue import ENCODINGS
from media.plane import (
    Allocate,
    Allocated,
    AudioFormat,
    Direct,
    MediaAddress,
    Music,
    PlaneReport,
    Play,
    Record,
    Terminate,
)
from media.relay import RelaySettings, SocketRelay, relay
from media.termination import Termination, TerminationSettings
from tests.support.sound import sine

PORT_LOW = 16384
WARM_UP = 2.0
PACKET = 0.02


def measured() -> float:
    """Read the processor time this process has used, user and system, all threads."""
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def allocate(plane: Termination, reports: asyncio.Queue[PlaneReport], name: str) -> int:
    """Make an endpoint whose far side is nobody yet: its port."""
    plane.perform(Allocate(name, name))
    report = await reports.get()
    while not isinstance(report, Allocated):
        report = await reports.get()
    return report.streams[0].port


def command(plane: Termination, name: str, audio: AudioFormat, work: str, folder: str) -> None:
    """Give an endpoint its work."""
    plane.perform(Terminate(name, audio, telephone_event=101, in_band=work == "in-band"))
    if work == "play":
        plane.perform(Play(name, (Music(),), repeat=None))
    elif work == "record":
        path = f"{folder}/{name}.wav"
        plane.perform(Record(name, path, beep=False, silence_seconds=None))


async def run(endpoints: int, work: str, codec: str, seconds: float) -> dict[str, str | float]:
    """Let so many endpoints work for a while."""
    audio = AudioFormat(codec, ENCODINGS[codec.lower()].payload_type or 107)
    high = PORT_LOW + 4 * endpoints + 1
    carrier = relay(RelaySettings(port_low=PORT_LOW, port_high=high, address_v4="127.0.0.1"))
    plane = Termination(carrier, TerminationSettings())
    reports: asyncio.Queue[PlaneReport] = asyncio.Queue()
    plane.start(reports.put_nowait)
    await plane.prepare([Music()], [audio])
    sink = socket(AF_INET, SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    port = sink.getsockname()[1]
    names = [f"e{number}" for number in range(1, endpoints + 1)]
    ports = [await allocate(plane, reports, name) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            plane.perform(Direct(name, 0, MediaAddress("127.0.0.1", port, port)))
            command(plane, name, audio, work, folder)
        talker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.termination", "--talk", codec, *map(str, ports))
        )
        await asyncio.sleep(WARM_UP)
        cpu, begin = measured(), time.monotonic()
        await asyncio.sleep(seconds)
        cpu, elapsed = measured() - cpu, time.monotonic() - begin
        jitter = jitters(carrier, names)
        talker.kill()
        await talker.wait()
        await plane.close()
    return {
        "work": work,
        "codec": codec,
        "endpoints": endpoints,
        "cpu_percent_an_endpoint": round(100 * cpu / elapsed / endpoints, 4),
        "jitter_ms_median": round(jitter[len(jitter) // 2], 2),
        "jitter_ms_worst": round(jitter[-1], 2),
        "ticks_skipped": plane.ticks_skipped,
    }


def jitters(carrier: SocketRelay, names: list[str]) -> list[float]:
    """Read the jitter of what the plane sends, as the relay sees it."""
    inner = (f"termination/{number}/{name}" for number, name in enumerate(names, 1))
    return sorted(carrier.counters(name)[0].jitter_ms for name in inner)


def talk(codec: str, ports: list[int]) -> None:
    """Be the far sides: a tone to each port, until killed."""
    encoding = ENCODINGS[codec.lower()]
    voice, size = encoding.make(), encoding.sample_rate_hz // 50
    sound = sine(440, 1.0, encoding.sample_rate_hz)
    payloads = [voice.encode(sound[at : at + size]) for at in range(0, len(sound), size)]
    speakers = [socket(AF_INET, SOCK_DGRAM) for _ in ports]
    begin, kind = time.monotonic(), encoding.payload_type or 107
    for number in count():
        stamp = number * encoding.clock_rate_hz // 50
        packet = pack("!BBHII", 0x80, kind, number & 0xFFFF, stamp, 1) + payloads[number % 50]
        for speaker, port in zip(speakers, ports, strict=True):
            speaker.sendto(packet, ("127.0.0.1", port))
        time.sleep(max(0, begin + number * PACKET - time.monotonic()))  # noqa: TID251 - no loop here


def main() -> None:
    """Measure what is asked for, a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=200)
    parser.add_argument("--work", choices=["play", "record", "in-band", "events"], default="play")
    parser.add_argument(
        "--codec", choices=[each.name for each in ENCODINGS.values()], default="PCMU"
    )
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--talk", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.talk:
        talk(asked.talk[0], [int(port) for port in asked.talk[1:]])
    else:
        print(json.dumps(uvloop.run(run(asked.endpoints, asked.work, asked.codec, asked.seconds))))


if __name__ == "__main__":
    main()
