"""Which device sent a request."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from switch.guard.authentication import Authenticated, Authenticator, Challenged, Refused
from switch.guard.challenger import Challenger
from switch.guard.nonce import Nonces
from switch.sip.digest import Algorithm, Password, answer, ha1, select_challenge
from switch.sip.message import Request

REALM = "example.com"


@dataclass(frozen=True)
class Device:
    """As much of a device as authentication needs."""

    username: str
    ha1: Mapping[str, str]


ALICE = Device(
    "alice", {algorithm.value: ha1(algorithm, "alice", REALM, "right") for algorithm in Algorithm}
)


def authenticator() -> Authenticator[Device]:
    nonces = Nonces(b"secret", lifetime=300.0)
    return Authenticator(Challenger(REALM, nonces), {"alice": ALICE}.get)


def request(
    method: str, *authorizations: tuple[str, str], from_: str = "<sip:101@example.com>;tag=1"
) -> Request:
    return Request(
        method,
        "sip:example.com",
        [
            ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx"),
            ("From", from_),
            ("To", "<sip:101@example.com>"),
            ("Call-ID", "1"),
            ("CSeq", f"1 {method}"),
            *authorizations,
        ],
    )


def answered(
    challenged: Challenged, method: str, *, username: str = "alice", word: str = "right"
) -> tuple[str, str]:
    secret = Password(word)
    challenge = select_challenge([value for _, value in challenged.fields], username, secret)
    assert challenge is not None
    value = answer(
        challenge, username, secret, method=method, uri="sip:example.com", cnonce="c0ffee"
    )
    return ("Authorization" if method == "REGISTER" else "Proxy-Authorization", value)


def challenged(guard: Authenticator[Device], message: Request, now: float = 0.0) -> Challenged:
    outcome = guard.authenticate(message, now)
    assert isinstance(outcome, Challenged)
    return outcome


@pytest.mark.parametrize(
    ("method", "status", "name"),
    [
        ("REGISTER", 401, "WWW-Authenticate"),
        ("INVITE", 407, "Proxy-Authenticate"),
        ("OPTIONS", 407, "Proxy-Authenticate"),
    ],
)
def test_a_stranger_is_asked_and_answers(method: str, status: int, name: str) -> None:
    guard = authenticator()
    asked = challenged(guard, request(method))
    assert (asked.status, asked.username, asked.failure) == (status, None, None)
    assert [field for field, _ in asked.fields] == [name, name]
    message = request(method, answered(asked, method))
    assert guard.authenticate(message, 1.0) == Authenticated(ALICE)


def test_unknown_users_and_wrong_passwords_are_answered_alike() -> None:
    guard = authenticator()
    asked = challenged(guard, request("REGISTER"))
    wrong = challenged(guard, request("REGISTER", answered(asked, "REGISTER", word="x")))
    unknown = challenged(guard, request("REGISTER", answered(asked, "REGISTER", username="bob")))

    def shape(answer: Challenged) -> list[object]:
        nonces = [value.partition('nonce="')[2][:40] for _, value in answer.fields]
        fields = [
            (name, value.replace(nonce, "N"))
            for (name, value), nonce in zip(answer.fields, nonces, strict=True)
        ]
        return [answer.status, answer.reason, fields]

    assert shape(wrong) == shape(unknown) == shape(asked)
    assert (wrong.username, wrong.failure) == ("alice", "wrong password")
    assert (unknown.username, unknown.failure) == ("bob", "unknown user")


def test_a_replayed_request_is_told_stale_and_counts_as_no_failure() -> None:
    guard = authenticator()
    message = request("INVITE", answered(challenged(guard, request("INVITE")), "INVITE"))
    assert isinstance(guard.authenticate(message, 0.0), Authenticated)
    again = challenged(guard, message)
    assert again.failure is None
    assert again.username == "alice"
    assert all("stale=true" in value for _, value in again.fields)


def test_credentials_that_cannot_be_read_are_refused() -> None:
    message = request("INVITE", ("Proxy-Authorization", "Digest ;"))
    outcome = authenticator().authenticate(message, 0.0)
    assert isinstance(outcome, Refused)
    assert outcome.status == 400


@pytest.mark.parametrize("from_", ["<sip:102@example.com>;tag=1", "<sip:102@example.com"])
def test_nobody_registers_for_somebody_else(from_: str) -> None:
    guard = authenticator()
    field = answered(challenged(guard, request("REGISTER")), "REGISTER")
    outcome = guard.authenticate(request("REGISTER", field, from_=from_), 0.0)
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.username) == (403, "alice")


def test_a_call_may_hide_its_from() -> None:
    guard = authenticator()
    field = answered(challenged(guard, request("INVITE")), "INVITE")
    hidden = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'
    outcome = guard.authenticate(request("INVITE", field, from_=hidden), 0.0)
    assert outcome == Authenticated(ALICE)
