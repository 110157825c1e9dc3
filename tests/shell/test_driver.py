"""The driver over real sockets, with the echo core."""

import asyncio

import pytest

from media.plane import Allocate, Allocated, Release
from switch.command import Drain, HangUpAll
from switch.effect import DeleteBinding, Level, Log, Resolve, Resolved, Target
from switch.sip.effect import Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.transport.trace import Direction
from tests.support.wire import options, running_driver, udp_peer, until


async def test_an_options_is_answered_to_where_it_came_from() -> None:
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        phone.sendto(options())
        answer = await peer.next()
    assert answer.startswith(b"SIP/2.0 200 OK\r\n")
    assert b"received=127.0.0.1" in answer
    assert bench.core.messages == 1


async def test_a_fault_in_the_core_is_logged_with_its_call_id_and_the_pump_goes_on() -> None:
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        phone.sendto(options(7, method="FAIL"))
        phone.sendto(options(8))
        assert (await peer.next()).startswith(b"SIP/2.0 200")
    (line,) = bench.log.of("core_fault")
    assert line.level is Level.ERROR
    assert line.fields["sip_call_id"] == "call-7@phone"
    assert "ZeroDivisionError" in str(line.fields["traceback"])
    assert bench.driver.counters.core_faults == 1


async def test_a_malformed_request_is_answered_statelessly_and_only_so_often() -> None:
    broken = options().replace(b"CSeq: 1 OPTIONS", b"CSeq: one OPTIONS")
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        for _ in range(50):
            phone.sendto(broken)
        phone.sendto(options(2))
        answers = [await peer.next()]
        while not answers[-1].startswith(b"SIP/2.0 200"):
            answers.append(await peer.next())
    assert len(answers) == 11
    assert answers[0].startswith(b"SIP/2.0 400")
    assert bench.driver.counters.malformed == 50
    assert bench.driver.counters.rejected == 10


async def test_effects_are_performed_in_order_and_one_that_fails_takes_no_other_along() -> None:
    async with running_driver() as bench:
        flow = Flow(Transport.UDP, bench.listeners[0].local, Address("127.0.0.1", 9))
        bench.core.once = [
            Allocate("a", "call"),
            Release("faulty"),
            Transmit(b"x" * 100_000, flow),
            Log("story", Level.INFO, {}),
            DeleteBinding("device"),
        ]
        bench.driver.command(Drain())
        await until(lambda: bench.core.failures)
    assert bench.log.of("effect_fault")
    assert bench.relay.commands == [Allocate("a", "call")]
    assert bench.log.of("story")
    assert bench.sink.effects == [DeleteBinding("device")]
    assert "too long" in bench.core.failures[0].reason


async def test_what_the_relay_answers_at_once_waits_until_every_effect_is_performed() -> None:
    async with running_driver() as bench:
        bench.relay.answer = Allocated("a", ())
        bench.core.once = [Allocate("a", "call"), Resolve("x", Target("slow", None, None))]
        bench.resolver.now["slow"] = ()
        bench.driver.command(Drain())
        assert bench.core.happenings == [Allocated("a", ()), Resolved("x", ())]


async def test_a_next_hop_is_reported_at_once_or_after_its_look_up_or_as_unknown() -> None:
    here = ((Transport.UDP, Address("127.0.0.1", 5060)),)
    async with running_driver() as bench:
        bench.resolver.now["known"] = here
        bench.resolver.later["slow"] = here
        bench.core.once = [
            Resolve(name, Target(name, None, None)) for name in ("slow", "known", "faulty")
        ]
        bench.driver.command(Drain())
        assert bench.core.happenings == [Resolved("known", here)]
        await until(lambda: len(bench.core.happenings) == 3)
    assert Resolved("slow", here) in bench.core.happenings
    assert Resolved("faulty", ()) in bench.core.happenings
    assert bench.log.of("effect_fault")


async def test_the_timer_follows_the_earliest_deadline() -> None:
    async with running_driver() as bench:
        loop = asyncio.get_running_loop()
        due = loop.time() + 0.05
        bench.core.deadline = loop.time() + 60
        bench.driver.command(Drain())
        bench.core.deadline = due
        bench.driver.command(Drain())
        await until(lambda: bench.core.expired)
    assert bench.core.expired[0] >= due
    assert bench.core.expired[0] < due + 1


async def test_a_deadline_sooner_than_the_next_look_is_kept_all_the_same() -> None:
    async with running_driver() as bench:
        for _ in range(3):
            bench.core.deadline = asyncio.get_running_loop().time() + 0.001
            bench.driver.command(Drain())
            await until(lambda: bench.core.deadline is None)
    assert len(bench.core.expired) == 3


async def test_draining_waits_for_the_calls_and_then_hangs_up() -> None:
    async with running_driver() as bench:
        bench.core.is_idle = False
        await bench.driver.drain(0.01)
        assert bench.core.commands == [Drain(), HangUpAll()]
        bench.core.is_idle = False
        waiting = asyncio.get_running_loop().call_later(0.02, bench.core.become_idle)
        bench.core.deadline = asyncio.get_running_loop().time() + 0.03
        await bench.driver.drain(5)
        assert waiting.when() > 0
    assert bench.core.commands[2:] == [Drain()]
    assert bench.relay.is_closed


async def test_a_tracer_sees_each_message_both_ways() -> None:
    seen: list[tuple[Direction, bytes]] = []
    async with (
        running_driver(trace=lambda way, octets, _flow, _now: seen.append((way, octets))) as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        phone.sendto(options())
        answer = await peer.next()
    assert seen == [(Direction.RECEIVED, options()), (Direction.SENT, answer)]


@pytest.mark.parametrize("octets", [b"\r\n\r\n", b"\0", b"junk", bytes(range(256)) * 4])
async def test_what_is_no_sip_message_never_reaches_the_core(octets: bytes) -> None:
    async with (
        running_driver() as bench,
        udp_peer(bench.address(Transport.UDP)) as (phone, peer),
    ):
        phone.sendto(octets)
        phone.sendto(options())
        await peer.next()
    assert bench.core.messages == 1
    counters = bench.transports.counters
    assert counters.junk + counters.keep_alives == 1
