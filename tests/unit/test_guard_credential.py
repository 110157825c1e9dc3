"""Whose challenges our digests answer."""

from random import Random

import pytest

from switch.guard.credential import Credentials, Keyring
from switch.sip.digest import Password
from switch.sip.flow import Address, Flow, Transport
from switch.sip.header.digest import DigestCredentials
from switch.sip.message import Field, Request, Response
from switch.sip.token import SeededTokens

CARRIER = "192.0.2.10"
STRANGER = "203.0.113.66"


def flow_from(host: str) -> Flow:
    return Flow(Transport.UDP, Address("198.51.100.1", 5060), Address(host, 5060))


def keyring(realm: str | None = "carrier.example") -> Keyring:
    ring = Keyring(SeededTokens(Random(1)))  # noqa: S311 - a run to repeat
    ring.hold("other", Credentials("we", Password("x"), ("198.51.100.99",)))
    ring.hold("carrier", Credentials("0312345678", Password("pw"), (CARRIER,), realm))
    return ring


def request(*fields: Field) -> Request:
    return Request("REGISTER", "sip:carrier.example", fields)


def challenge(
    status: int = 401, realm: str = "carrier.example", *, stale: bool = False
) -> Response:
    name = "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
    ending = ", stale=true" if stale else ""
    return Response(
        status, "Unauthorized", [(name, f'Digest realm="{realm}", nonce="n", qop="auth"{ending}')]
    )


@pytest.mark.parametrize(("status", "name"), [(401, "Authorization"), (407, "Proxy-Authorization")])
def test_the_carrier_gets_its_answer(status: int, name: str) -> None:
    field = keyring().authorize(request(), challenge(status), flow_from(CARRIER))
    assert field is not None
    assert field[0] == name
    credentials = DigestCredentials.parse(field[1])
    assert credentials is not None
    assert (credentials.username, credentials.realm) == ("0312345678", "carrier.example")


def test_a_stranger_gets_nothing_even_in_the_carriers_realm() -> None:
    assert keyring().authorize(request(), challenge(), flow_from(STRANGER)) is None
    assert keyring(None).authorize(request(), challenge(), flow_from(STRANGER)) is None


def test_the_carrier_gets_nothing_in_another_realm_unless_none_was_agreed() -> None:
    other = challenge(realm="else.example")
    assert keyring().authorize(request(), other, flow_from(CARRIER)) is None
    assert keyring(None).authorize(request(), other, flow_from(CARRIER)) is not None


def test_only_challenges_are_answered() -> None:
    refusal = Response(403, "Forbidden", challenge().fields)
    assert keyring().authorize(request(), refusal, flow_from(CARRIER)) is None


def test_an_answer_that_was_refused_is_not_repeated_unless_the_nonce_was_stale() -> None:
    ring = keyring()
    field = ring.authorize(request(), challenge(), flow_from(CARRIER))
    assert field is not None
    assert ring.authorize(request(field), challenge(), flow_from(CARRIER)) is None
    assert ring.authorize(request(field), challenge(stale=True), flow_from(CARRIER)) is not None
    basic = request(("Authorization", "Basic abc"))
    assert ring.authorize(basic, challenge(), flow_from(CARRIER)) is not None


def test_credentials_are_found_by_flow_and_realm() -> None:
    ring = keyring()
    found = ring.for_challenge(flow_from(CARRIER), "carrier.example")
    assert found is not None
    assert found.username == "0312345678"
    assert "pw" not in repr(found)
    assert ring.for_challenge(flow_from(CARRIER), "else.example") is None
    assert ring.for_challenge(flow_from(STRANGER), "carrier.example") is None


def test_a_trunk_that_is_gone_has_no_credentials() -> None:
    ring = keyring()
    ring.drop("carrier")
    ring.drop("carrier")
    assert ring.for_challenge(flow_from(CARRIER), "carrier.example") is None
