"""All trunks at work: health, next hops, places, credentials."""

from dataclasses import replace
from random import Random

from routing.directory import Directory
from routing.trunk import Trunk, TrunkCredential, TrunkRegistration
from switch.effect import Resolve, Resolved
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from switch.trunk.service import TrunkService

OURS = Address("192.0.2.10", 5060)
ONE = Trunk(
    "one", "192.0.2.1", options_interval=None, max_calls=2, addresses=("192.0.2.100",),
    credential=TrunkCredential("user", "secret"),
)  # fmt: skip
TWO = Trunk("two", "sip.carrier.example", options_interval=None)
FOUND = Resolved("trunk:two", ((Transport.UDP, Address("192.0.2.2", 5060)),))


def service(*trunks: Trunk) -> tuple[TrunkService, Stack]:
    tokens = SeededTokens(Random(3))  # noqa: S311 - the same run every time
    stack = Stack([Listener(Transport.UDP, OURS, OURS)], tokens, TimerValues())
    found = TrunkService(stack, Directory.build(trunks=trunks))
    found.start()
    return found, stack


def test_a_trunk_takes_calls_once_its_next_hop_is_known() -> None:
    trunks, stack = service(ONE, TWO)
    assert [each.token for each in stack.out if isinstance(each, Resolve)] == ["trunk:two"]
    assert trunks.healthy() == {"one"}
    assert trunks.flows("two") == ()
    assert trunks.resolved(FOUND)
    assert trunks.healthy() == {"one", "two"}
    assert [flow.remote.host for flow in trunks.flows("two")] == ["192.0.2.2"]
    assert trunks.flows("three") == ()


def test_only_look_ups_of_trunks_are_taken() -> None:
    trunks, _ = service(ONE, TWO)
    assert not trunks.resolved(Resolved("call:1", ()))
    assert not trunks.resolved(Resolved("two", ()))
    assert trunks.resolved(Resolved("trunk:gone", ()))


def test_a_call_comes_from_a_configured_address_or_else_from_a_next_hop() -> None:
    trunks, _ = service(ONE, TWO)
    trunks.resolved(FOUND)
    assert trunks.trunk_for("192.0.2.100") is ONE
    assert trunks.trunk_for("192.0.2.2") is TWO
    # A trunk with configured addresses is believed at these only.
    assert trunks.trunk_for("192.0.2.1") is None


def test_a_trunk_says_how_many_calls_it_carries() -> None:
    trunks, _ = service(ONE, TWO)
    assert (trunks.limit("one"), trunks.limit("two"), trunks.limit("gone")) == (2, None, None)
    assert trunks.is_up("one")
    assert not trunks.is_up("gone")


def test_calls_speak_for_and_against_a_trunk() -> None:
    trunks, _ = service(ONE)
    trunks.call_failed("one", 503)
    assert trunks.healthy() == frozenset()
    trunks.call_succeeded("one")
    assert trunks.healthy() == {"one"}
    trunks.call_failed("gone", 503)
    trunks.call_succeeded("gone")


def challenge(status: int, name: str, realm: str = "carrier") -> Response:
    value = f'Digest realm="{realm}", nonce="n", algorithm=MD5, qop="auth"'
    return Response(status, "x", [(name, value)])


INVITE = Request("INVITE", "sip:1@h", [])
CARRIER = Flow(Transport.UDP, OURS, Address("192.0.2.1", 5060))


def test_a_carriers_challenge_is_answered_in_the_field_that_fits() -> None:
    trunks, _ = service(ONE)
    answering = trunks.authorizer("one")
    assert answering is not None
    field = answering.authorize(INVITE, challenge(407, "Proxy-Authenticate"), CARRIER)
    assert field is not None
    assert field[0] == "Proxy-Authorization"
    assert 'username="user"' in field[1]
    # The same answer was refused: to repeat it only locks the account.
    refused = Request("INVITE", "sip:1@h", [field])
    assert answering.authorize(refused, challenge(407, "Proxy-Authenticate"), CARRIER) is None


def test_another_request_is_answered_for_the_same_nonce_with_a_higher_count() -> None:
    trunks, _ = service(ONE)
    answering = trunks.authorizer("one")
    assert answering is not None
    fields = [
        answering.authorize(INVITE, challenge(407, "Proxy-Authenticate"), CARRIER) for _ in range(2)
    ]
    counts = [field[1].rpartition("nc=")[2] for field in fields if field is not None]
    assert counts == ["00000001", "00000002"]


def test_nobody_else_gets_an_answer_with_the_carriers_credential() -> None:
    trunks, _ = service(ONE, TWO)
    answering = trunks.authorizer("one")
    assert answering is not None
    stranger = Flow(Transport.UDP, OURS, Address("203.0.113.9", 5060))
    assert answering.authorize(INVITE, challenge(401, "WWW-Authenticate"), stranger) is None
    assert answering.authorize(INVITE, Response(403, "x", []), CARRIER) is None
    assert trunks.authorizer("two") is None
    assert trunks.authorizer("gone") is None


def test_a_new_directory_keeps_what_is_the_same_and_stops_what_is_gone() -> None:
    trunks, stack = service(ONE, TWO)
    trunks.resolved(FOUND)
    hops = trunks.flows("two")
    stack.out.clear()
    changed = replace(ONE, host="192.0.2.3")
    trunks.replace_directory(Directory.build(trunks=[changed, TWO]))
    assert trunks.flows("two") is hops
    assert trunks.flows("one")[0].remote.host == "192.0.2.3"
    trunks.replace_directory(Directory.build())
    assert trunks.healthy() == frozenset()


def test_the_service_has_ended_when_every_registration_is_taken_back() -> None:
    registering = replace(ONE, registration=TrunkRegistration("u", "carrier", 600))
    trunks, _ = service(registering, TWO)
    trunks.stop()
    assert not trunks.is_ended
    alone, _ = service(TWO)
    alone.stop()
    assert alone.is_ended


def flow(host: str, transport: Transport = Transport.UDP, port: int = 5060) -> Flow:
    return Flow(transport, OURS, Address(host, port))


def test_a_trunk_is_believed_by_its_transports_and_from_its_ports_only() -> None:
    strict = replace(ONE, transports=frozenset({Transport.TLS}), ports=frozenset({5061}))
    trunks, _ = service(strict, TWO)
    assert trunks.trunk_at(flow("192.0.2.100", Transport.TLS, 5061)) is strict
    assert trunks.trunk_at(flow("192.0.2.100", Transport.UDP, 5061)) is None
    assert trunks.trunk_at(flow("192.0.2.100", Transport.TLS, 5060)) is None
    assert trunks.trunk_at(flow("192.0.2.66", Transport.TLS, 5061)) is None


def test_a_carrier_is_the_same_at_its_next_hops_and_its_addresses() -> None:
    trunks, _ = service(ONE, TWO)
    trunks.resolved(FOUND)
    assert trunks.is_same_carrier("192.0.2.100", "192.0.2.1")
    assert trunks.is_same_carrier("192.0.2.1", "192.0.2.100")
    assert not trunks.is_same_carrier("192.0.2.100", "192.0.2.2")
    assert not trunks.is_same_carrier("192.0.2.66", "192.0.2.1")
    assert not trunks.is_same_carrier("192.0.2.66", "192.0.2.67")
