"""UDP over real sockets: both twins of the batches, both families, STUN, and what else arrives."""

import asyncio
import gc
import os
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from switch.command import Drain
from switch.sip.effect import Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.transport import datagram, stun, udp
from switch.transport.address import ListenerSettings
from switch.transport.datagram import PlainDatagrams, open_datagrams
from tests.support.wire import options, running_driver, udp_peer, until

LOCAL = Address("127.0.0.1", 5060)


@pytest.fixture(params=["native", "plain"])
def twin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the test with the native batches, and without."""
    name: str = request.param
    if name == "native":
        pytest.importorskip("switch.transport._batch")
    monkeypatch.setenv("DAIHYO_PURE", "0" if name == "native" else "1")
    return name


@contextmanager
def pair(host: str) -> Iterator[tuple[socket.socket, datagram.Datagrams, socket.socket]]:
    """Give a socket in batches, and a plain one to talk to it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_DGRAM) as ours,
        socket.socket(family, socket.SOCK_DGRAM) as theirs,
    ):
        for sock in (ours, theirs):
            sock.bind((host, 0))
            sock.setblocking(False)
        yield (
            ours,
            open_datagrams(ours, lambda h, p: Flow(Transport.UDP, LOCAL, Address(h, p))),
            theirs,
        )


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_batches_carry_octets_and_addresses_both_ways(host: str) -> None:
    with pair(host) as (ours, datagrams, theirs):
        assert datagrams.receive() == []
        sent = [os.urandom(size) for size in (0, 1, 1500, 60_000, *range(2, 100))]
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        for octets in sent:
            theirs.sendto(octets, ours.getsockname())
        batches = [datagrams.receive(), datagrams.receive()]
        received = [item for batch in batches for item in batch]
        assert [octets for octets, _ in received] == sent
        assert len(batches[0]) == datagram.BATCH
        assert {flow.remote for _, flow in received} == {Address(*theirs.getsockname()[:2])}
        assert received[0][1] is received[-1][1]
        queue = [(b"answer %d" % n, received[0][1]) for n in range(100)]
        assert datagrams.send(queue, 0) == datagram.BATCH
        assert datagrams.send(queue, datagram.BATCH) == 100 - datagram.BATCH
        assert [theirs.recv(100) for _ in range(100)] == [octets for octets, _ in queue]


@pytest.mark.usefixtures("twin")
@pytest.mark.parametrize(
    "remote",
    [
        Address("::1", 5060),
        Address("name.example", 5060),
        Address("127.0.0.1\0", 5060),
        Address("\udcff", 5060),
        Address("127.0.0.1", 0),
        Address("127.0.0.1", 70000),
    ],
)
def test_an_address_that_cannot_be_sent_to_stops_only_itself(remote: Address) -> None:
    with pair("127.0.0.1") as (_, datagrams, theirs):
        good = Flow(Transport.UDP, LOCAL, Address(*theirs.getsockname()))
        bad = Flow(Transport.UDP, LOCAL, remote)
        queue = [(b"one", good), (b"two", bad), (b"three", good)]
        assert datagrams.send(queue, 0) == 1
        with pytest.raises(OSError, match=r"address|port"):
            datagrams.send(queue, 1)
        assert datagrams.send(queue, 2) == 1
        assert [theirs.recv(10), theirs.recv(10)] == [b"one", b"three"]


def test_the_plain_twin_is_taken_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHYO_PURE", "1")
    with pair("127.0.0.1") as (_, datagrams, _theirs):
        assert isinstance(datagrams, PlainDatagrams)


def test_the_store_of_known_peers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAIHYO_PURE", "1")
    monkeypatch.setattr(datagram, "KNOWN_PEERS", 2)
    with pair("127.0.0.1") as (ours, datagrams, _theirs):
        for _ in range(5):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"x", ours.getsockname())
        assert len({flow.remote for _, flow in datagrams.receive()}) == 5
        assert isinstance(datagrams, PlainDatagrams)
        assert len(datagrams._flows) <= 2


@pytest.mark.usefixtures("twin")
async def test_an_ipv6_phone_is_answered() -> None:
    listener = ListenerSettings.parse("udp:[::1]:0")
    async with (
        running_driver(listener) as bench,
        udp_peer(bench.address(Transport.UDP, ipv6=True)) as (phone, peer),
    ):
        phone.sendto(options())
        assert (await peer.next()).startswith(b"SIP/2.0 200")


async def test_a_stun_request_is_answered_with_where_it_came_from() -> None:
    request = stun.HEADER.pack(1, 0, stun.MAGIC_COOKIE, b"transaction.")
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        phone.sendto(stun.HEADER.pack(1, 4, stun.MAGIC_COOKIE, b"broken......"))
        phone.sendto(request)
        source = Address(*phone.get_extra_info("sockname"))
        expected = stun.answer(stun.parse(request), source)
        assert await peer.next() == expected
    assert bench.transports.counters.stun_requests == 1
    assert bench.transports.counters.junk == 1


async def test_a_flow_of_another_listener_uses_one_of_its_family_or_is_lost() -> None:
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        kept = Flow(
            Transport.UDP, Address("10.0.0.1", 5060), Address(*phone.get_extra_info("sockname"))
        )
        lost = Flow(Transport.UDP, Address("::1", 5060), Address("::1", 5060))
        bench.core.once = [Transmit(b"kept", kept), Transmit(b"lost", lost)]
        bench.driver.command(Drain())
        assert not bench.core.failures
        assert await peer.next() == b"kept"
        await until(lambda: bench.core.failures)
    assert [failure.flow for failure in bench.core.failures] == [lost]
    assert bench.transports.counters.unroutable == 1


async def test_a_queue_that_is_full_drops_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp, "SEND_QUEUE", 10)
    async with running_driver() as bench:
        flow = Flow(Transport.UDP, bench.listeners[0].local, Address("127.0.0.1", 9))
        bench.core.once = [Transmit(b"x", flow) for _ in range(30)]
        bench.driver.command(Drain())
        (counters,) = bench.transports.datagrams.values()
        assert counters.dropped == 20
        await until(lambda: counters.sent == 10)


async def test_a_wildcard_listener_advertises_an_address_that_can_be_reached() -> None:
    wild = ListenerSettings.parse("udp:0.0.0.0:0")
    wild6 = ListenerSettings.parse("udp:[::]:0")
    named = ListenerSettings.parse("udp:127.0.0.1:0", advertise="sip.example:5099")
    async with running_driver(wild, wild6, named) as bench:
        hosts = [listener.advertised.host for listener in bench.listeners]
        assert "0.0.0.0" not in hosts  # noqa: S104
        assert "::" not in hosts
        assert bench.listeners[2].advertised == Address("sip.example", 5099)


def garbage(random: Random) -> bytes:
    """Give octets of any kind: noise, or a request with some octets changed."""
    if random.random() < 0.5:
        return random.randbytes(random.randrange(1, 1500))
    octets = bytearray(options(random.randrange(1000), body=random.randbytes(30)))
    for _ in range(random.randrange(1, 20)):
        octets[random.randrange(len(octets))] = random.randrange(256)
    return bytes(octets[: random.randrange(1, len(octets))])


async def test_thousands_of_datagrams_and_streams_of_garbage_leave_the_switch_as_it_was() -> None:
    random = Random(5)  # noqa: S311 - a test that repeats
    tcp = ListenerSettings.parse("tcp:127.0.0.1:0")
    async with (
        running_driver(ListenerSettings.parse("udp:127.0.0.1:0"), tcp) as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):

        async def flood(count: int) -> None:
            for number in range(count):
                phone.sendto(garbage(random))
                if number % 50 == 0:
                    await asyncio.sleep(0)
                    _, writer = await asyncio.open_connection(*bench.address(Transport.TCP))
                    writer.write(garbage(random) * 3)
                    writer.transport.close()
            phone.sendto(options(77))
            while b"call-77@phone" not in await peer.next():
                pass
            await until(lambda: not len(bench.transports.streams))

        await flood(500)
        tracemalloc.start()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        await flood(2000)
        bench.core.happenings.clear()
        bench.core.responses.clear()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
    assert not bench.log.of("core_fault")
    assert grown < 1_000_000
