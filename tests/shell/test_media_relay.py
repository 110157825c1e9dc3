"""The contract of a media relay, which the native thread and the event loop's path both keep."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from itertools import pairwise
from socket import AF_INET, AF_INET6, SOCK_DGRAM, socket
from struct import pack
from typing import TypeVar

import pytest

from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Connect,
    Direct,
    Latched,
    MediaAddress,
    MediaReport,
    OneWay,
    Release,
    Released,
    Restored,
)
from media.relay import NativeRelay, RelaySettings, SocketRelay, UvloopRelay, relay

SECOND = 1.0
KINDS = {"native": NativeRelay, "loop": UvloopRelay}
Report = TypeVar("Report", bound=MediaReport)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> type[UvloopRelay] | type[NativeRelay]:
    if request.param == "native":
        pytest.importorskip("media._relay", reason="the native part is not built")
    return KINDS[request.param]


def free_range(ports: int) -> tuple[int, int]:
    """Find a range of ports that nobody uses, below the kernel's ephemeral ports."""
    for _ in range(100):
        low = random.randrange(20_000, 32_000, 2)  # noqa: S311 - not for secrets
        opened = []
        try:
            for port in range(low, low + ports):
                for family, host in ((AF_INET, "127.0.0.1"), (AF_INET6, "::1")):
                    opened.append(socket(family, SOCK_DGRAM))
                    opened[-1].bind((host, port))
        except OSError:
            continue
        finally:
            for each in opened:
                each.close()
        return low, low + ports - 1
    raise AssertionError("no free range of ports")


def rtp(sequence: int, *, ssrc: int = 7, payload: bytes = b"x" * 160, kind: int = 0) -> bytes:
    return pack("!BBHII", 0x80, kind, sequence, sequence * 160, ssrc) + payload


def rtcp(ssrc: int = 7) -> bytes:
    return pack("!BBHI", 0x80, 201, 1, ssrc)


class Phone:
    """A far side: an RTP and an RTCP socket, and what arrived on them."""

    def __init__(self, host: str) -> None:
        family = AF_INET6 if ":" in host else AF_INET
        self.rtp, self.rtcp = socket(family, SOCK_DGRAM), socket(family, SOCK_DGRAM)
        for each in (self.rtp, self.rtcp):
            each.bind((host, 0))
            each.setblocking(False)
        self.sequence = 0

    @property
    def address(self) -> MediaAddress:
        """Say where it is."""
        host, port = self.rtp.getsockname()[:2]
        return MediaAddress(host, port, self.rtcp.getsockname()[1])

    def speak(self, to: MediaAddress, packet: bytes | None = None) -> bytes:
        """Send RTP, by default the next packet of its stream."""
        self.sequence += 1
        packet = rtp(self.sequence) if packet is None else packet
        self.rtp.sendto(packet, (to.host, to.port))
        return packet

    def control(self, to: MediaAddress, packet: bytes) -> None:
        """Send RTCP."""
        self.rtcp.sendto(packet, (to.host, to.rtcp_port))

    async def hear(self) -> tuple[bytes, int]:
        """Wait for RTP: the packet and the port it came from."""
        return await arrival(self.rtp)

    async def hear_control(self) -> tuple[bytes, int]:
        """Wait for RTCP."""
        return await arrival(self.rtcp)

    def heard(self) -> list[bytes]:
        """Take all that is there already."""
        packets = []
        while True:
            try:
                packets.append(self.rtp.recv(4096))
            except BlockingIOError:
                return packets

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()


async def arrival(opened: socket) -> tuple[bytes, int]:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(opened, ready.set)
    try:
        async with asyncio.timeout(SECOND):
            await ready.wait()
    finally:
        loop.remove_reader(opened)
    packet, source = opened.recvfrom(4096)
    return packet, source[1]


@contextmanager
def phone(host: str = "127.0.0.1") -> Iterator[Phone]:
    opened = Phone(host)
    try:
        yield opened
    finally:
        opened.close()


class Bench:
    """A relay and its reports."""

    def __init__(self, tested: SocketRelay) -> None:
        self.relay = tested
        self.reports: list[MediaReport] = []
        self.news = asyncio.Event()
        tested.start(self.note)

    def note(self, report: MediaReport) -> None:
        """Take a report."""
        self.reports.append(report)
        self.news.set()

    async def next(self, kind: type[Report], *, within: float = SECOND) -> Report:
        """Wait for the next report of a kind and take it."""
        async with asyncio.timeout(within):
            while True:
                for report in self.reports:
                    if isinstance(report, kind):
                        self.reports.remove(report)
                        return report
                self.news.clear()
                await self.news.wait()

    async def allocate(
        self, endpoint: str, *, streams: int = 1, ipv6: bool = False
    ) -> tuple[MediaAddress, ...]:
        """Allocate and wait for the addresses."""
        self.relay.perform(Allocate(endpoint, "call", streams, ipv6))
        return (await self.next(Allocated)).streams

    async def pair(self, alice: Phone, bob: Phone) -> tuple[MediaAddress, MediaAddress]:
        """Lay a call between two phones: the local addresses that each of them sends to."""
        locals_ = []
        for name, far in (("a", alice), ("b", bob)):
            (local,) = await self.allocate(name, ipv6=":" in far.address.host)
            self.relay.perform(Direct(name, 0, far.address))
            locals_.append(local)
        self.relay.perform(Connect("a", "b"))
        return locals_[0], locals_[1]

    async def settle(self, rejected: int, endpoint: str = "a") -> None:
        """Wait until so many packets have been rejected."""
        await self.until(lambda: self.relay.counters(endpoint)[0].packets_rejected >= rejected)

    async def until(self, is_true: Callable[[], bool]) -> None:
        """Wait for what no report tells."""
        async with asyncio.timeout(5 * SECOND):
            while not is_true():  # noqa: ASYNC110 - counters are polled, by the switch as well
                await asyncio.sleep(0.005)


SETTINGS = RelaySettings(
    port_low=0,
    port_high=0,
    address_v4="127.0.0.1",
    address_v6="::1",
    advertise_v6="::1",
    quarantine=0.0,
    one_way_after=0.3,
    watch_interval=0.05,
)


@asynccontextmanager
async def bench(
    kind: type[UvloopRelay] | type[NativeRelay], *, ports: int = 40, quarantine: float = 0.0
) -> AsyncIterator[Bench]:
    low, high = free_range(ports)
    tested = kind(replace(SETTINGS, port_low=low, port_high=high, quarantine=quarantine))
    try:
        yield Bench(tested)
    finally:
        await tested.close()


Kind = type[UvloopRelay] | type[NativeRelay]


async def test_an_endpoint_gets_an_even_port_and_the_next_for_each_stream(kind: Kind) -> None:
    async with bench(kind) as under:
        streams = await under.allocate("a", streams=3)
        assert [each.port % 2 for each in streams] == [0, 0, 0]
        assert all(each.rtcp_port == each.port + 1 for each in streams)
        assert {each.host for each in streams} == {"127.0.0.1"}


async def test_more_streams_for_a_known_endpoint_keep_those_it_has(kind: Kind) -> None:
    async with bench(kind) as under:
        first = await under.allocate("a", streams=1)
        both = await under.allocate("a", streams=2)
        assert both[:1] == first
        assert len(both) == 2


async def test_audio_passes_both_ways_from_the_port_that_the_far_side_knows(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            sent = alice.speak(for_alice)
            assert await bob.hear() == (sent, for_bob.port)
            sent = bob.speak(for_bob)
            assert await alice.hear() == (sent, for_alice.port)


async def test_rtcp_passes_both_ways_on_its_own_port(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            alice.control(for_alice, rtcp())
            assert await bob.hear_control() == (rtcp(), for_bob.rtcp_port)
            bob.control(for_bob, rtcp(8))
            assert await alice.hear_control() == (rtcp(8), for_alice.rtcp_port)
            assert under.relay.counters("a")[0].rtcp_received == 1


async def test_rtcp_on_a_shared_port_leaves_on_the_other_sides_own_port(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            shared = MediaAddress("127.0.0.1", alice.address.port, alice.address.port)
            under.relay.perform(Direct("a", 0, shared))
            alice.speak(for_alice, rtcp())
            assert await bob.hear_control() == (rtcp(), for_bob.rtcp_port)
            bob.control(for_bob, rtcp(8))
            assert await alice.hear() == (rtcp(8), for_alice.port)


async def test_a_far_side_behind_nat_is_sent_to_where_it_is_heard_from(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            private = MediaAddress("127.9.9.9", 4000, 4001)
            under.relay.perform(Direct("a", 0, private))
            alice.speak(for_alice)
            await bob.hear()
            latched = await under.next(Latched)
            assert (latched.endpoint, latched.call_id, latched.stream) == ("a", "call", 0)
            assert (latched.host, latched.port) == ("127.0.0.1", alice.address.port)
            assert not latched.signalled
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent


async def test_the_signalled_address_is_reported_as_such(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            alice.speak(for_alice)
            latched = await under.next(Latched)
            assert latched.signalled


async def test_a_stranger_is_rejected_once_the_stream_is_locked(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as mallory:
            for_alice, for_bob = await under.pair(alice, bob)
            alice.speak(for_alice)
            await bob.hear()
            mallory.speak(for_alice, rtp(1, ssrc=666))
            await under.settle(rejected=1)
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent
            assert mallory.heard() == bob.heard() == []


async def test_the_signalled_address_takes_the_stream_from_whoever_was_first(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as mallory:
            for_alice, for_bob = await under.pair(alice, bob)
            mallory.speak(for_alice, rtp(1, ssrc=666))
            assert not (await under.next(Latched)).signalled
            alice.speak(for_alice)
            assert (await under.next(Latched)).signalled
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent
            mallory.speak(for_alice, rtp(2, ssrc=666))
            await under.settle(rejected=1)


async def test_a_stranger_needs_two_packets_in_sequence_where_the_source_is_known(
    kind: Kind,
) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone("127.0.0.2") as mallory:
            for_alice, _ = await under.pair(alice, bob)
            private = MediaAddress("127.9.9.9", 4000, 4001)
            under.relay.perform(Direct("a", 0, private, source="127.0.0.1"))
            mallory.speak(for_alice, rtp(1, ssrc=666))
            await under.settle(rejected=1)
            mallory.speak(for_alice, rtp(2, ssrc=666))
            assert (await under.next(Latched)).host == "127.0.0.2"
            alice.speak(for_alice)
            assert (await under.next(Latched)).host == "127.0.0.1"


async def test_a_new_negotiation_hears_a_new_far_side(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as desk:
            for_alice, for_bob = await under.pair(alice, bob)
            alice.speak(for_alice)
            await bob.hear()
            under.relay.perform(Direct("a", 0, desk.address))
            sent = bob.speak(for_bob)
            assert (await desk.hear())[0] == sent
            desk.speak(for_alice)
            await bob.hear()
            alice.speak(for_alice)
            await under.settle(rejected=1)
            assert alice.heard() == []


async def test_the_locked_source_keeps_speaking_over_an_unchanged_negotiation(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            private = MediaAddress("127.9.9.9", 4000, 4001)
            under.relay.perform(Direct("a", 0, private))
            alice.speak(for_alice)
            await bob.hear()
            under.relay.perform(Direct("a", 0, private))
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent
            sent = alice.speak(for_alice)
            assert (await bob.hear())[0] == sent


async def test_hold_drops_what_is_received_and_rtcp_goes_on(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            under.relay.perform(Direct("a", 0, alice.address, receive=False))
            alice.speak(for_alice)
            await under.next(Latched)
            alice.control(for_alice, rtcp())
            await bob.hear_control()
            assert bob.heard() == []


async def test_nothing_is_sent_to_a_far_side_that_must_not_be_sent_to(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            for direction in (
                Direct("b", 0, bob.address, send=False),
                Direct("b", 0, None),
                Direct("b", 0, MediaAddress("0.0.0.0", 4000, 4001)),  # noqa: S104 - old hold
                Direct("b", 0, MediaAddress("phone.example", 4000, 4001)),
            ):
                under.relay.perform(direction)
                alice.speak(for_alice)
                await asyncio.sleep(0.02)
                assert bob.heard() == []
            under.relay.perform(Direct("b", 0, bob.address))
            alice.speak(for_alice)
            await bob.hear()


async def test_release_tells_the_final_counters(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            for sequence in (65534, 65535, 0, 4, 3):
                alice.speak(for_alice, rtp(sequence, kind=8))
                await bob.hear()
            alice.speak(for_alice, b"no RTP")
            await under.settle(rejected=1)
            under.relay.perform(Release("a"))
            under.relay.perform(Release("b"))
            (one,) = (await under.next(Released)).streams
            (other,) = (await under.next(Released)).streams
            assert (one.packets_received, one.octets_received) == (5, 5 * 172)
            assert (one.packets_lost, one.packets_rejected, one.payload_type) == (2, 1, 8)
            assert one.jitter_ms > 0
            assert (one.packets_sent, other.packets_received, other.payload_type) == (0, 0, None)
            assert (other.packets_sent, other.octets_sent) == (5, 5 * 172)
            assert len(under.relay) == 0


async def test_an_unknown_endpoint_is_released_with_nothing(kind: Kind) -> None:
    async with bench(kind) as under:
        under.relay.perform(Direct("nobody", 0, None))
        under.relay.perform(Connect("nobody", "none"))
        under.relay.perform(Release("nobody"))
        assert await under.next(Released) == Released("nobody", ())
        assert under.relay.counters("nobody") == ()


async def test_a_call_is_connected_to_another_endpoint_in_its_middle(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as carol:
            for_alice, for_bob = await under.pair(alice, bob)
            alice.speak(for_alice)
            await bob.hear()
            (for_carol,) = await under.allocate("c")
            under.relay.perform(Direct("c", 0, carol.address))
            under.relay.perform(Connect("a", "c"))
            sent = alice.speak(for_alice)
            assert (await carol.hear())[0] == sent
            sent = carol.speak(for_carol)
            assert (await alice.hear())[0] == sent
            bob.speak(for_bob)
            under.relay.perform(Release("b"))
            await under.next(Released)
            assert alice.heard() == bob.heard() == []
            sent = carol.speak(for_carol)
            assert (await alice.hear())[0] == sent


async def test_the_second_stream_meets_the_second_stream(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            await under.pair(alice, bob)
            audio_and_video = await under.allocate("a", streams=2)
            await under.allocate("b", streams=2)
            with phone() as camera, phone() as screen:
                under.relay.perform(Direct("a", 1, camera.address))
                under.relay.perform(Direct("b", 1, screen.address))
                sent = camera.speak(audio_and_video[1])
                assert (await screen.hear())[0] == sent
                assert bob.heard() == []


async def test_audio_passes_within_ipv6(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone("::1") as alice, phone("::1") as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            sent = alice.speak(for_alice)
            assert await bob.hear() == (sent, for_bob.port)
            assert (await under.next(Latched)).host == "::1"


async def test_audio_passes_between_ipv4_and_ipv6(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone("127.0.0.1") as alice, phone("::1") as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            sent = alice.speak(for_alice)
            assert (await bob.hear())[0] == sent
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent


async def test_exhaustion_is_told_and_takes_nothing(kind: Kind) -> None:
    async with bench(kind, ports=4) as under:
        under.relay.perform(Allocate("a", "call", 3))
        failed = await under.next(AllocationFailed)
        assert failed == AllocationFailed("a", "all 2 RTP port pairs are in use")
        await under.allocate("a", streams=2)
        under.relay.perform(Allocate("b", "call"))
        assert (await under.next(AllocationFailed)).endpoint == "b"
        under.relay.perform(Release("a"))
        assert len(await under.allocate("b", streams=2)) == 2


async def test_ports_are_used_anew_only_after_a_rest(kind: Kind) -> None:
    async with bench(kind, ports=2, quarantine=0.2) as under:
        first = await under.allocate("a")
        under.relay.perform(Release("a"))
        under.relay.perform(Allocate("b", "call"))
        await under.next(AllocationFailed)
        await asyncio.sleep(0.25)
        assert await under.allocate("b") == first


async def test_the_last_calls_packets_are_nothing_to_the_next(kind: Kind) -> None:
    async with bench(kind, ports=4) as under:
        with phone() as alice, phone() as bob, phone() as carol, phone() as dave:
            for _ in range(20):
                for_alice, for_bob = await under.pair(alice, bob)
                alice.speak(for_alice)
                bob.speak(for_bob)
                under.relay.perform(Release("a"))
                under.relay.perform(Release("b"))
                for_carol, _ = await under.pair(carol, dave)
                assert under.relay.counters("a")[0].packets_received == 0
                carol.speak(for_carol)
                await dave.hear()
                assert dave.heard() == carol.heard() == []
                under.relay.perform(Release("a"))
                under.relay.perform(Release("b"))
                under.reports.clear()


async def test_ports_that_others_use_are_passed_over(kind: Kind) -> None:
    async with bench(kind, ports=8) as under:
        (first,) = await under.allocate("a")
        with socket(AF_INET, SOCK_DGRAM) as squatter:
            squatter.bind(("127.0.0.1", first.port + 3))
            (second,) = await under.allocate("b")
            assert second.port == first.port + 4


async def test_an_endpoint_has_a_bounded_number_of_streams(kind: Kind) -> None:
    async with bench(kind) as under:
        under.relay.perform(Allocate("a", "call", 9))
        assert "more than 8" in (await under.next(AllocationFailed)).reason


async def test_ipv6_that_is_not_configured_is_told(kind: Kind) -> None:
    low, high = free_range(4)
    tested = kind(replace(SETTINGS, port_low=low, port_high=high, address_v6=None))
    under = Bench(tested)
    under.relay.perform(Allocate("a", "call", ipv6=True))
    assert "no IPv6 address" in (await under.next(AllocationFailed)).reason
    await tested.close()


async def test_thousands_of_junk_packets_leave_the_call_as_it_was(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as mallory:
            for_alice, for_bob = await under.pair(alice, bob)
            alice.speak(for_alice)
            await bob.hear()
            chance = random.Random(1)  # noqa: S311 - a seed reproduces it
            for number in range(3000):
                junk = chance.randbytes(chance.randrange(0, 300))
                mallory.rtp.sendto(junk, (for_alice.host, for_alice.port))
                mallory.rtp.sendto(junk, (for_alice.host, for_alice.rtcp_port))
                if number % 50 == 0:
                    mallory.rtp.sendto(bytes(9000), (for_alice.host, for_alice.port))
                    await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            sent = bob.speak(for_bob)
            assert (await alice.hear())[0] == sent
            counters = under.relay.counters("a")[0]
            assert counters.packets_received == 1
            assert counters.packets_rejected + counters.packets_dropped > 100


async def test_two_calls_signalled_into_each_other_do_not_loop_without_bound(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            under.relay.perform(Direct("a", 0, for_bob))
            under.relay.perform(Direct("b", 0, for_alice))
            alice.speak(for_alice)
            before = under.relay.counters("a")[0]
            await asyncio.sleep(0.3)
            assert under.relay.counters("a")[0].packets_sent - before.packets_sent <= 4000


async def test_a_silent_side_is_told_once_and_its_return_too(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, for_bob = await under.pair(alice, bob)
            for _ in range(20):
                alice.speak(for_alice)
                await asyncio.sleep(0.03)
            silent = await under.next(OneWay)
            assert (silent.endpoint, silent.call_id, silent.stream) == ("b", "call", 0)
            assert f"nothing from 127.0.0.1:{bob.address.port}" in silent.reason
            assert not [each for each in under.reports if isinstance(each, OneWay)]
            bob.speak(for_bob)
            assert (await under.next(Restored)).endpoint == "b"


async def test_the_reason_names_who_is_locked_and_who_speaks(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob, phone() as moved:
            for_alice, for_bob = await under.pair(alice, bob)
            bob.speak(for_bob)
            await alice.hear()
            for _ in range(20):
                alice.speak(for_alice)
                moved.speak(for_bob)
                await asyncio.sleep(0.03)
            reason = (await under.next(OneWay)).reason
            assert f"packets arrive from 127.0.0.1:{moved.address.port}" in reason
            assert f"locked to 127.0.0.1:{bob.address.port}" in reason


async def test_a_side_on_hold_may_be_silent(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            under.relay.perform(Direct("b", 0, bob.address, receive=False))
            for _ in range(20):
                alice.speak(for_alice)
                await asyncio.sleep(0.03)
            assert not [each for each in under.reports if isinstance(each, OneWay)]


async def test_voice_is_marked_for_expedited_forwarding(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for_alice, _ = await under.pair(alice, bob)
            bob.rtp.setsockopt(0, 13, 1)  # IPPROTO_IP, IP_RECVTOS
            alice.speak(for_alice)
            await under.until(lambda: under.relay.counters("b")[0].packets_sent > 0)
            _, ancillary, _, _ = bob.rtp.recvmsg(4096, 64)
            assert ancillary[0][2][0] == 0xB8


async def test_release_in_the_middle_of_a_flood_is_clean(kind: Kind) -> None:
    async with bench(kind) as under:
        with phone() as alice, phone() as bob:
            for _ in range(50):
                for_alice, for_bob = await under.pair(alice, bob)
                for _ in range(40):
                    alice.speak(for_alice)
                    bob.speak(for_bob)
                under.relay.perform(Release("a"))
                under.relay.perform(Release("b"))
                await asyncio.sleep(0)
            released = [each for each in under.reports if isinstance(each, Released)]
            assert all(len(each.streams) == 1 for each in released)


async def test_what_answers_a_command_is_reported_before_it_returns(kind: Kind) -> None:
    async with bench(kind) as under:
        under.relay.perform(Allocate("a", "call"))
        under.relay.perform(Release("a"))
        assert [type(each) for each in under.reports] == [Allocated, Released]


async def test_a_closed_relay_gives_every_port_back(kind: Kind) -> None:
    low, high = free_range(8)
    for _ in pairwise(range(4)):
        under = Bench(kind(replace(SETTINGS, port_low=low, port_high=high)))
        await under.allocate("a", streams=4)
        await under.relay.close()
        assert repr(under.relay) == f"<{kind.__name__} stopped, 0 endpoints>"


def test_the_environment_may_ask_for_the_pure_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHYO_PURE", "1")
    assert not relay(SETTINGS).is_native
    monkeypatch.delenv("DAIHYO_PURE")
    assert not relay(SETTINGS, pure=True).is_native


def test_the_native_relay_is_taken_where_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("media._relay", reason="the native part is not built")
    monkeypatch.delenv("DAIHYO_PURE", raising=False)
    assert relay(SETTINGS).is_native


def test_the_pure_relay_serves_where_the_native_part_is_not_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DAIHYO_PURE", raising=False)
    monkeypatch.setitem(sys.modules, "media._relay", None)
    assert not relay(SETTINGS).is_native


async def test_a_relay_that_was_not_started_refuses_work(kind: Kind) -> None:
    tested = kind(SETTINGS)
    with pytest.raises(RuntimeError):
        tested.perform(Allocate("a", "call"))
    await tested.close()


async def judgements(kind: Kind, seed: int) -> list[tuple[int, int, int, int | None, int | None]]:
    """Send a random course of packets, one by one: what the relay's accounts say after each."""
    chance = random.Random(seed)  # noqa: S311 - a seed reproduces it
    seen = []
    async with bench(kind) as under:
        (local,) = await under.allocate("a")
        phones = [Phone(host) for host in ("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3")]
        courses = [
            Direct("a", 0, phones[0].address),
            Direct("a", 0, phones[0].address, source="127.0.0.2"),
            Direct("a", 0, MediaAddress("127.9.9.9", 4000, 4001), source="127.0.0.1"),
            Direct("a", 0, None, source="127.0.0.2"),
        ]
        sequence = chance.randrange(0x10000)
        for sent in range(1, 301):
            if chance.random() < 0.05:
                under.relay.perform(chance.choice(courses))
            sequence = (sequence + chance.choice([0, 1, 1, 1, 1, 2, 5, -2, 20_000])) % 0x10000
            packet = rtp(sequence, ssrc=chance.choice([7, 7, 7, 8]), kind=chance.choice([0, 8]))
            speaker = chance.choice(phones)
            speaker.speak(local, chance.choice([packet] * 9 + [packet[:11], b"\x40" + packet]))
            counters = under.relay.counters("a")[0]
            async with asyncio.timeout(SECOND):
                while counters.packets_received + counters.packets_rejected < sent:
                    await asyncio.sleep(0)
                    counters = under.relay.counters("a")[0]
            await asyncio.sleep(0)
            latched = [each for each in under.reports if isinstance(each, Latched)]
            by_port = {each.address.port: index for index, each in enumerate(phones)}
            seen.append(
                (
                    counters.packets_received,
                    counters.packets_rejected,
                    counters.packets_lost,
                    counters.payload_type,
                    by_port[latched[-1].port] if latched and sent % 100 == 0 else None,
                )
            )
        for each in phones:
            each.close()
    return seen


@pytest.mark.parametrize("seed", range(5))
async def test_both_paths_judge_the_same_packets_alike(seed: int) -> None:
    pytest.importorskip("media._relay", reason="the native part is not built")
    assert await judgements(NativeRelay, seed) == await judgements(UvloopRelay, seed)
