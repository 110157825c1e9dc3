"""TCP and TLS over real sockets: framing, reuse, limits, certificates."""

import asyncio
import ssl
from pathlib import Path

import pytest

from switch.command import Drain
from switch.sip.effect import Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.transport.address import ListenerSettings
from switch.transport.layer import ListenError, TransportLayer, TransportSettings
from switch.transport.stream import StreamLimits
from switch.transport.tls import TlsClientSettings
from tests.support.certificates import Authority
from tests.support.wire import Bench, options, running_driver, until

TCP = ListenerSettings.parse("tcp:127.0.0.1:0")


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Read one response without a body."""
    async with asyncio.timeout(5):
        return await reader.readuntil(b"\r\n\r\n")


async def closed_by_peer(reader: asyncio.StreamReader) -> bool:
    """Read to the end; the connection may be reset as well as closed."""
    async with asyncio.timeout(5):
        try:
            await reader.read()
        except ConnectionError:
            return True
        return reader.at_eof()


def transmit(bench: Bench, flow: Flow, octets: bytes) -> None:
    """Let the core send octets."""
    bench.core.once = [Transmit(octets, flow)]
    bench.driver.command(Drain())


@pytest.mark.parametrize("listener", ["tcp:127.0.0.1:0", "tcp:[::1]:0"])
async def test_messages_in_one_segment_and_in_single_octets_are_answered(listener: str) -> None:
    settings = ListenerSettings.parse(listener)
    async with running_driver(settings) as bench:
        where = bench.address(Transport.TCP, ipv6=settings.is_ipv6)
        reader, writer = await asyncio.open_connection(*where)
        writer.write(options(1, transport="TCP") + options(2, transport="TCP"))
        for number in (1, 2):
            assert b"CSeq: %d OPTIONS" % number in await read_message(reader)
        for octet in options(3, transport="TCP"):
            writer.write(bytes((octet,)))
            await writer.drain()
        assert b"CSeq: 3 OPTIONS" in await read_message(reader)
        writer.close()
        await until(lambda: bench.core.failures)
    assert bench.core.failures[0].flow.connection == 1


async def test_a_double_crlf_is_answered_by_a_single_one() -> None:
    async with running_driver(TCP) as bench:
        reader, writer = await asyncio.open_connection(*bench.address(Transport.TCP))
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.close()


async def test_octets_that_are_no_sip_close_the_connection() -> None:
    async with running_driver(TCP) as bench:
        reader, writer = await asyncio.open_connection(*bench.address(Transport.TCP))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await read_message(reader)
        assert answer.startswith(b"SIP/2.0 400 Content-Length is missing")
        assert await closed_by_peer(reader)
        writer.close()


async def test_a_message_that_drips_is_cut_and_so_is_silence() -> None:
    limits = StreamLimits(message=0.1, first_message=0.1)
    async with running_driver(TCP, limits=limits) as bench:
        one, dripping = await asyncio.open_connection(*bench.address(Transport.TCP))
        other, silent = await asyncio.open_connection(*bench.address(Transport.TCP))
        dripping.write(options(1)[:40])
        assert await closed_by_peer(one)
        assert await closed_by_peer(other)
        for writer in (dripping, silent):
            writer.close()
        assert {f.reason for f in bench.core.failures} == {
            "a message was not completed in time",
            "no message came",
        }


async def test_an_idle_connection_is_closed() -> None:
    async with running_driver(TCP, limits=StreamLimits(idle=0.1)) as bench:
        reader, writer = await asyncio.open_connection(*bench.address(Transport.TCP))
        writer.write(options(1))
        await read_message(reader)
        assert await closed_by_peer(reader)
        writer.close()
        assert [f.reason for f in bench.core.failures] == ["idle"]


async def test_unfinished_messages_have_so_much_room_all_together() -> None:
    whole = options(1, transport="TCP", body=b"x" * 30_000)
    async with running_driver(TCP, limits=StreamLimits(unfinished=50_000)) as bench:
        where = bench.address(Transport.TCP)
        slow, greedy, small = [await asyncio.open_connection(*where) for _ in range(3)]
        slow[1].write(whole[:-1])
        await until(lambda: bench.transports.streams._unfinished == len(whole) - 1)
        greedy[1].write(whole[:-1])
        assert await closed_by_peer(greedy[0])
        small[1].write(whole[:1000])
        await until(lambda: bench.transports.streams._unfinished == len(whole) + 999)
        for writer, rest in ((small[1], whole[1000:]), (slow[1], whole[-1:])):
            writer.write(rest)
        for reader, _ in (small, slow):
            assert b"CSeq: 1 OPTIONS" in await read_message(reader)
        await until(lambda: bench.transports.streams._unfinished == 0)
        for _, writer in (slow, greedy, small):
            writer.close()


async def test_connections_of_one_source_are_limited() -> None:
    async with running_driver(TCP, limits=StreamLimits(connections_per_source=1)) as bench:
        where = bench.address(Transport.TCP)
        _, first = await asyncio.open_connection(*where)
        await until(lambda: len(bench.transports.streams) == 1)
        reader, second = await asyncio.open_connection(*where)
        assert await closed_by_peer(reader)
        first.close()
        await until(lambda: not len(bench.transports.streams))
        reader, third = await asyncio.open_connection(*where)
        third.write(options(1))
        await read_message(reader)
        for writer in (second, third):
            writer.close()


async def test_a_peer_that_does_not_read_is_cut() -> None:
    async with running_driver(TCP, limits=StreamLimits(write_buffer=10_000)) as bench:
        _, writer = await asyncio.open_connection(*bench.address(Transport.TCP), limit=1000)
        writer.write(options(1))
        await until(lambda: bench.core.messages)
        flow = Flow(Transport.TCP, bench.listeners[0].local, Address("127.0.0.1", 1), 1)
        for _ in range(200):
            transmit(bench, flow, b"x" * 60_000)
        await until(lambda: bench.core.failures)
        writer.transport.abort()
    assert "does not read" in bench.core.failures[0].reason


async def test_a_message_to_a_new_next_hop_opens_a_connection_that_is_reused() -> None:
    accepted: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            accepted.append(data)
            writer.write(options(9, method="INFO", transport="TCP"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, running_driver(TCP) as bench:
        flow = Flow(Transport.TCP, bench.listeners[0].local, Address("127.0.0.1", port))
        transmit(bench, flow, b"one")
        await until(lambda: accepted)
        transmit(bench, flow, b"two")
        await until(lambda: bench.core.messages == 2)
        assert len(bench.transports.streams) == 1
    assert {(f.flow.connection, f.reason) for f in bench.core.failures} == {
        (0, "the switch stops"),
        (1, "the switch stops"),
    }


async def test_a_next_hop_that_refuses_is_reported_for_the_flow_that_was_asked() -> None:
    async with running_driver(TCP) as bench:
        flow = Flow(Transport.TCP, bench.listeners[0].local, Address("127.0.0.1", 1))
        transmit(bench, flow, b"one")
        await until(lambda: flow in [f.flow for f in bench.core.failures])
        gone = Flow(Transport.TCP, bench.listeners[0].local, Address("127.0.0.1", 1), 77)
        transmit(bench, gone, b"two")
        await until(lambda: gone in [f.flow for f in bench.core.failures])
    assert bench.log.of("connect_failed")


def tls_listener(authority: Authority, *hosts: str, ca: Path | None = None) -> ListenerSettings:
    """Give a TLS listener on loopback with a fresh certificate."""
    certificate, key = authority.issue("switch", *(hosts or ("127.0.0.1",)))
    return ListenerSettings.parse("tls:127.0.0.1:0", certificate=certificate, key=key, ca=ca)


def trusting(authority: Authority, own: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    """Give a client context."""
    context = ssl.create_default_context(cafile=str(authority.ca))
    if own:
        context.load_cert_chain(*own)
    return context


async def test_tls_is_answered_and_its_certificate_changes_without_a_restart(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    listener = tls_listener(authority)
    async with running_driver(listener) as bench:
        where = bench.address(Transport.TLS)
        serials = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection(*where, ssl=trusting(authority))
            writer.write(options(1, transport="TLS"))
            assert (await read_message(reader)).startswith(b"SIP/2.0 200")
            shown = writer.get_extra_info("ssl_object").getpeercert()
            serials.append(shown["serialNumber"])
            writer.close()
            authority.issue("switch", "127.0.0.1")
            assert bench.transports.reload_certificates() == []
        assert serials[0] != serials[1]
        (tmp_path / "switch.key").write_text("no key")
        (fault,) = bench.transports.reload_certificates()
        assert "no certificate with its key" in fault
        reader, writer = await asyncio.open_connection(*where, ssl=trusting(authority))
        writer.close()


async def test_a_tls_peer_without_the_demanded_certificate_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with running_driver(tls_listener(authority, ca=authority.ca)) as bench:
        where = bench.address(Transport.TLS)
        reader, stranger = await asyncio.open_connection(*where, ssl=trusting(authority))
        assert await closed_by_peer(reader)
        stranger.close()
        context = trusting(authority, authority.issue("trunk", "127.0.0.1"))
        reader, trunk = await asyncio.open_connection(*where, ssl=context)
        trunk.write(options(1))
        assert (await read_message(reader)).startswith(b"SIP/2.0 200")
        trunk.close()
        await until(lambda: bench.log.of("handshake_failed"))


@pytest.mark.parametrize(
    ("name", "is_trusted"), [("trunk.example", True), ("other.example", False)]
)
async def test_a_trunk_must_show_the_name_under_which_it_was_found(
    tmp_path: Path, name: str, *, is_trusted: bool
) -> None:
    authority = Authority(tmp_path)
    trunk = tls_listener(authority, "trunk.example")
    client = TlsClientSettings(ca=authority.ca)
    async with running_driver(trunk) as far, running_driver(TCP, tls_client=client) as bench:
        remote = Address(*far.address(Transport.TLS))
        bench.transports.expect(remote, name)
        flow = Flow(Transport.TLS, bench.listeners[0].local, remote)
        transmit(bench, flow, options(1, transport="TLS"))
        await until(lambda: bench.core.responses or bench.core.failures)
        assert bool(bench.core.responses) is is_trusted
    assert bool(bench.log.of("connect_failed")) is not is_trusted


async def test_everything_that_keeps_listeners_from_opening_is_told_at_once(
    tmp_path: Path,
) -> None:
    async with running_driver(TCP) as bench:
        _, port = bench.address(Transport.TCP)
        layer = TransportLayer(
            TransportSettings(
                (
                    ListenerSettings.parse("udp:127.0.0.1:0"),
                    ListenerSettings.parse(f"tcp:127.0.0.1:{port}"),
                    ListenerSettings.parse("udp:192.0.2.77:0"),
                    ListenerSettings.parse("tls:127.0.0.1:0"),
                    ListenerSettings.parse("tls:127.0.0.1:0", certificate=tmp_path / "none.pem"),
                ),
                tls_client=TlsClientSettings(ca=tmp_path / "no-ca.pem"),
            )
        )
        with pytest.raises(ListenError) as raised:
            layer.bind()
    faults = raised.value.faults
    assert len(faults) == 5
    assert "taken by another program" in faults[0]
    assert "does not have that address" in faults[1]
    assert "needs a certificate" in faults[2]
    assert "none.pem: No such file" in faults[3]
    assert "no-ca.pem" in faults[4]
