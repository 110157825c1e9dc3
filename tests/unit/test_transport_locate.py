"""Finding next hops by RFC 3263, against a table in place of DNS."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.effect import Target
from switch.sip.flow import Address, Transport
from switch.transport.locate import (
    MAX_ADDRESSES,
    Addresses,
    Host,
    Kind,
    Naptr,
    Question,
    Reach,
    Record,
    Srv,
    locate,
    order_servers,
)

Table = dict[tuple[str, Kind], tuple[Record, ...]]


def find(
    target: Target, table: Table | None = None, reach: Reach | None = None
) -> tuple[Addresses, list[tuple[str, Kind]]]:
    """Answer every question from the table; return the addresses and what was asked."""
    asked: list[tuple[str, Kind]] = []
    location = locate(target, reach or Reach(ipv6=False), lambda: 0.0)
    try:
        question: Question = next(location)
        while True:
            asked.append((question.name, question.kind))
            question = location.send((table or {}).get(asked[-1], ()))
    except StopIteration as stop:
        addresses: Addresses = stop.value
        return addresses, asked


@pytest.mark.parametrize(
    ("target", "transport", "port"),
    [
        (Target("192.0.2.1", None, None), Transport.UDP, 5060),
        (Target("192.0.2.1", 5080, Transport.TCP), Transport.TCP, 5080),
        (Target("192.0.2.1", None, None, secure=True), Transport.TLS, 5061),
        (Target("192.0.2.1", None, Transport.TCP, secure=True), Transport.TLS, 5061),
    ],
)
def test_an_address_needs_no_question(target: Target, transport: Transport, port: int) -> None:
    assert find(target) == (((transport, Address("192.0.2.1", port)),), [])


def test_a_port_leads_to_addresses_without_services() -> None:
    table: Table = {
        ("a.example", Kind.A): (Host("192.0.2.1"),),
        ("a.example", Kind.AAAA): (Host("2001:db8::1"),),
    }
    found, asked = find(Target("A.Example.", 5070, None), table, Reach())
    assert found == (
        (Transport.UDP, Address("192.0.2.1", 5070)),
        (Transport.UDP, Address("2001:db8::1", 5070)),
    )
    assert asked == [("a.example", Kind.A), ("a.example", Kind.AAAA)]
    found, _ = find(Target("a.example", 5070, Transport.TCP), table)
    assert found == ((Transport.TCP, Address("192.0.2.1", 5070)),)


def test_naptr_orders_the_services_that_we_and_the_uri_allow() -> None:
    table: Table = {
        ("a.example", Kind.NAPTR): (
            Naptr(20, 1, "s", "SIP+D2U", "_sip._udp.a.example"),
            Naptr(10, 2, "S", "sip+d2t", "_sip._tcp.a.example"),
            Naptr(10, 1, "s", "SIPS+D2T", "_sips._tcp.a.example"),
            Naptr(1, 1, "u", "E2U+sip", ""),
            Naptr(2, 1, "a", "SIP+D2U", "a.example"),
            Naptr(3, 1, "s", "SIP+D2U", ""),
        ),
        ("_sip._udp.a.example", Kind.SRV): (Srv(1, 0, 5060, "u.example"),),
        ("_sip._tcp.a.example", Kind.SRV): (Srv(1, 0, 5062, "t.example"),),
        ("_sips._tcp.a.example", Kind.SRV): (Srv(1, 0, 5061, "s.example"),),
        ("u.example", Kind.A): (Host("192.0.2.1"),),
        ("t.example", Kind.A): (Host("192.0.2.2"),),
        ("s.example", Kind.A): (Host("192.0.2.3"),),
    }
    found, _ = find(Target("a.example", None, None), table)
    assert [transport for transport, _ in found] == [Transport.TLS, Transport.TCP, Transport.UDP]
    found, _ = find(Target("a.example", None, None, secure=True), table)
    assert found == ((Transport.TLS, Address("192.0.2.3", 5061)),)
    plain = Reach(frozenset({Transport.UDP}), ipv6=False)
    found, _ = find(Target("a.example", None, None), table, plain)
    assert found == ((Transport.UDP, Address("192.0.2.1", 5060)),)


def test_without_naptr_the_usual_services_are_asked_and_then_the_name() -> None:
    table: Table = {("a.example", Kind.A): (Host("192.0.2.1"),)}
    found, asked = find(Target("a.example", None, None), table)
    assert found == ((Transport.UDP, Address("192.0.2.1", 5060)),)
    assert [kind for _, kind in asked] == [Kind.NAPTR, Kind.SRV, Kind.SRV, Kind.SRV, Kind.A]
    found, asked = find(Target("a.example", None, None, secure=True), table)
    assert found == ((Transport.TLS, Address("192.0.2.1", 5061)),)
    assert asked[1:] == [("_sips._tcp.a.example", Kind.SRV), ("a.example", Kind.A)]


def test_a_named_transport_asks_for_its_service_only() -> None:
    table: Table = {
        ("_sip._tcp.a.example", Kind.SRV): (
            Srv(2, 0, 5062, "second.example"),
            Srv(1, 0, 5061, "first.example"),
        ),
        ("first.example", Kind.A): (Host("192.0.2.1"),),
        ("second.example", Kind.A): (Host("192.0.2.2"),),
    }
    found, asked = find(Target("a.example", None, Transport.TCP), table)
    assert found == (
        (Transport.TCP, Address("192.0.2.1", 5061)),
        (Transport.TCP, Address("192.0.2.2", 5062)),
    )
    assert asked[0] == ("_sip._tcp.a.example", Kind.SRV)
    _, asked = find(Target("a.example", None, Transport.TCP, secure=True), table)
    assert asked[0] == ("_sips._tcp.a.example", Kind.SRV)


def test_a_service_that_is_decidedly_absent_has_no_addresses() -> None:
    table: Table = {
        ("_sip._udp.a.example", Kind.SRV): (Srv(0, 0, 0, ""),),
        ("a.example", Kind.A): (Host("192.0.2.1"),),
    }
    assert find(Target("a.example", None, Transport.UDP), table)[0] == ()


def test_what_cannot_be_reached_is_left_out() -> None:
    assert find(Target("2001:db8::1", None, None))[0] == ()
    assert find(Target("192.0.2.1", None, None), reach=Reach(ipv4=False))[0] == ()
    udp_only = Reach(frozenset({Transport.UDP}))
    assert find(Target("192.0.2.1", None, Transport.TLS), reach=udp_only)[0] == ()
    assert find(Target("192.0.2.1", 70000, None))[0] == ()


def test_addresses_are_bounded_and_each_is_there_once() -> None:
    hosts = tuple(Host(f"192.0.2.{n % 100}") for n in range(200))
    found, _ = find(Target("a.example", 5060, None), {("a.example", Kind.A): hosts})
    assert len(found) == len(set(found)) == MAX_ADDRESSES


def test_weights_are_kept_over_many_draws() -> None:
    random = Random(1)  # noqa: S311 - load balancing
    heavy, light = Srv(1, 3, 5060, "heavy"), Srv(1, 1, 5060, "light")
    first = Counter(order_servers([light, heavy], random.random)[0].target for _ in range(4000))
    assert 2.7 < first["heavy"] / first["light"] < 3.3


@given(
    st.lists(st.builds(Srv, st.integers(0, 3), st.integers(0, 9), st.just(1), st.text(max_size=3))),
    st.floats(0, 1, exclude_max=True),
)
def test_every_server_is_tried_once_and_priorities_ascend(servers: list[Srv], drawn: float) -> None:
    ordered = order_servers(servers, lambda: drawn)
    assert Counter(ordered) == Counter(servers)
    assert [s.priority for s in ordered] == sorted(s.priority for s in servers)


records = st.lists(
    st.one_of(
        st.builds(Naptr, st.integers(), st.integers(), st.just("s"), st.just("SIP+D2U"), st.text()),
        st.builds(Srv, st.integers(0, 2), st.integers(0, 2), st.integers(-1, 70000), st.text()),
        st.builds(Host, st.text()),
    ),
    max_size=4,
).map(tuple)


@given(st.text(), st.lists(records, max_size=40))
def test_any_records_lead_to_addresses_in_bounded_time(
    host: str, answers: list[tuple[Record, ...]]
) -> None:
    location = locate(Target(host, None, None), Reach(), lambda: 0.5)
    asked = 0
    try:
        next(location)
        while asked < 1000:
            asked += 1
            location.send(answers[asked % len(answers)] if answers else ())
    except StopIteration:
        pass
    assert asked < 1000
