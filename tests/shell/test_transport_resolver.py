"""The resolver against a name server on loopback; time to live by a clock of the test's own."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from switch.effect import Target
from switch.sip.flow import Address, Transport
from switch.transport import resolver as module
from switch.transport.locate import Addresses, Reach
from switch.transport.resolver import Resolver, ResolverSettings, read_hosts
from tests.support.nameserver import NameServer, name_server

TRUNK = Target("trunk.example", None, None)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def make(server: NameServer, clock: Clock, hosts: Path | None = None) -> Resolver:
    """Make a resolver that asks the server."""
    settings = ResolverSettings(("127.0.0.1",), server.port, timeout=0.3, hosts=hosts)
    return Resolver(settings, Reach(ipv6=False), clock=clock, random=Random(1))  # noqa: S311


def found(port: int, host: str = "127.0.0.9") -> Addresses:
    """Give one UDP address."""
    return ((Transport.UDP, Address(host, port)),)


async def test_services_are_found_and_kept_for_their_time_to_live() -> None:
    async with name_server() as server:
        clock = Clock()
        resolver = make(server, clock)
        server.records = {
            ("trunk.example", "NAPTR"): [
                '10 10 "s" "SIP+D2U" "" _sip._udp.trunk.example.',
                '20 10 "u" "E2U+sip" "!x!y!" .',
            ],
            ("_sip._udp.trunk.example", "SRV"): ["1 1 5070 Gate.trunk.example.", "2 0 0 ."],
            ("gate.trunk.example", "A"): ["127.0.0.9"],
        }
        assert resolver.known(TRUNK) is None
        assert await resolver.resolve(TRUNK) == found(5070)
        assert resolver.known(TRUNK) == found(5070)
        assert resolver.counters.questions == 3
        clock.now = 61.0
        assert resolver.known(TRUNK) is None
        assert await resolver.resolve(TRUNK) == found(5070)
        resolver.forget()
        assert resolver.known(TRUNK) is None


async def test_a_question_that_many_ask_at_once_is_asked_once() -> None:
    async with name_server() as server:
        server.records = {("a.example", "A"): ["127.0.0.9"]}
        resolver = make(server, Clock())
        target = Target("a.example", 5060, None)
        answers = await asyncio.gather(*(resolver.resolve(target) for _ in range(20)))
        assert set(answers) == {found(5060)}
        assert server.asked["a.example", "A"] == 1


async def test_whoever_gives_up_waiting_leaves_the_others_their_answer() -> None:
    async with name_server() as server:
        server.records = {("a.example", "A"): ["127.0.0.9"]}
        resolver = make(server, Clock())
        target = Target("a.example", 5060, None)
        async with asyncio.TaskGroup() as group:
            first, second, third = (group.create_task(resolver.resolve(target)) for _ in range(3))
            await asyncio.sleep(0)
            second.cancel()
        assert first.result() == third.result() == found(5060)


async def test_a_name_that_does_not_exist_is_remembered_for_a_while() -> None:
    async with name_server() as server:
        clock = Clock()
        resolver = make(server, clock)
        target = Target("none.example", 5060, None)
        assert await resolver.resolve(target) == ()
        assert resolver.known(target) == ()
        clock.now = module.NEGATIVE_TTL + 1
        assert resolver.known(target) is None


async def test_an_old_address_beats_none_while_no_server_answers() -> None:
    async with name_server() as server:
        clock = Clock()
        resolver = make(server, clock)
        server.records = {("a.example", "A"): ["127.0.0.9"]}
        target = Target("a.example", 5060, None)
        await resolver.resolve(target)
        clock.now = 100.0
        server.is_silent = True
        assert await resolver.resolve(target) == found(5060)
        assert resolver.counters.failures == 1
        assert await resolver.resolve(Target("other.example", 5060, None)) == ()
        server.is_silent, server.is_failing = False, True
        clock.now += module.STALE_TTL * 2
        assert await resolver.resolve(target) == ()


@pytest.mark.parametrize("name", ["", "a..b", "x" * 70 + ".example", "\udcff.example", "a b"])
async def test_a_name_that_is_none_has_no_address(name: str) -> None:
    async with name_server() as server:
        resolver = make(server, Clock())
        assert await resolver.resolve(Target(name, 5060, None)) == ()


async def test_names_of_the_hosts_file_and_literals_in_services_need_no_server(
    tmp_path: Path,
) -> None:
    path = tmp_path / "hosts"
    path.write_text(
        "127.0.0.9 Pbx pbx.example # ours\n::1 pbx\n\nnonsense here\nfe80::1%lo bad\n127.0.0.1\n"
    )
    assert set(read_hosts(path)) == {"pbx", "pbx.example"}
    assert read_hosts(tmp_path / "none") == {}
    async with name_server() as server:
        server.records = {("_sip._udp.b.example", "SRV"): ["1 1 5070 127.0.0.9."]}
        resolver = make(server, Clock(), path)
        assert resolver.known(Target("PBX", None, None)) == found(5060)
        assert not server.asked
        target = Target("b.example", None, Transport.UDP)
        assert await resolver.resolve(target) == found(5070)


async def test_the_store_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWERS", 3)
    async with name_server() as server:
        resolver = make(server, Clock())
        targets = [Target(f"{n}.example", 5060, None) for n in range(5)]
        for target in targets:
            await resolver.resolve(target)
        assert [resolver.known(target) for target in targets] == [None, None, (), (), ()]


def test_the_systems_servers_are_used_when_none_is_named() -> None:
    resolver = Resolver(ResolverSettings(), Reach(), clock=Clock(), random=Random(1))  # noqa: S311
    assert resolver.known(Target("127.0.0.1", None, None)) == found(5060, "127.0.0.1")
