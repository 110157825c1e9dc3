"""Digest as a server."""

import pytest

from switch.guard.challenger import Challenger, Stale, Subject, Verdict, Verified, Wrong
from switch.guard.nonce import Nonces
from switch.sip.digest import Algorithm, Password, answer, ha1, select_challenge
from switch.sip.errors import LocalProtocolError, RemoteProtocolError
from switch.sip.header.digest import DigestChallenge, DigestCredentials

REALM = "example.com"
SUBJECT = Subject("INVITE", "sip:0312345678@example.com", b"v=0")


def challenger(*algorithms: Algorithm) -> Challenger:
    nonces = Nonces(b"secret", lifetime=300.0)
    return Challenger(REALM, nonces, algorithms=algorithms or tuple(Algorithm))


def lookup(username: str, algorithm: Algorithm) -> str | None:
    return ha1(algorithm, "alice", REALM, "right") if username == "alice" else None


def answered(
    challenges: list[str], *, username: str = "alice", word: str = "right", count: int = 1
) -> str:
    challenge = select_challenge(challenges, username, Password(word))
    assert challenge is not None
    return answer(
        challenge,
        username,
        Password(word),
        method=SUBJECT.method,
        uri=SUBJECT.uri,
        body=SUBJECT.body,
        cnonce="c0ffee",
        count=count,
    )


def verified(
    server: Challenger, value: str, now: float = 0.0, subject: Subject = SUBJECT
) -> Verdict:
    credentials = server.select([value])
    assert credentials is not None
    return server.verify(credentials, subject, lookup, now)


def test_a_challenge_has_one_header_line_an_algorithm_in_the_configured_order() -> None:
    lines = challenger(Algorithm.SHA_256, Algorithm.MD5).challenge(0.0)
    challenges = [DigestChallenge.parse(line) for line in lines]
    assert [c and c.algorithm for c in challenges] == ["SHA-256", "MD5"]
    assert [c and (c.realm, c.qop, c.stale) for c in challenges] == [(REALM, ("auth",), False)] * 2
    assert challenges[0] is not None
    assert challenges[1] is not None
    assert challenges[0].nonce == challenges[1].nonce


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_right_credentials_are_verified_once(algorithm: Algorithm) -> None:
    server = challenger(algorithm)
    value = answered(server.challenge(0.0))
    assert verified(server, value) == Verified("alice", algorithm)
    assert verified(server, value) == Stale("alice")


def test_a_nonce_serves_again_with_a_higher_count_as_long_as_it_lives() -> None:
    server = challenger()
    lines = server.challenge(0.0)
    assert isinstance(verified(server, answered(lines)), Verified)
    assert isinstance(verified(server, answered(lines, count=2)), Verified)
    assert isinstance(verified(server, answered(lines, count=3), now=301.0), Stale)


def test_a_stale_challenge_says_so_in_every_line() -> None:
    lines = challenger().challenge(0.0, stale=True)
    assert all("stale=true" in line for line in lines)


@pytest.mark.parametrize("qop", ["auth", "auth-int"])
def test_auth_int_is_verified_over_the_body(qop: str) -> None:
    server = Challenger(REALM, Nonces(b"s", lifetime=300.0), qop=(qop,))
    value = answered(server.challenge(0.0))
    touched = Subject(SUBJECT.method, SUBJECT.uri, b"other")
    verdict = verified(server, value, subject=touched)
    assert isinstance(verdict, Wrong if qop == "auth-int" else Verified)


def test_a_client_without_qop_is_verified_once_a_nonce() -> None:
    server = Challenger(REALM, Nonces(b"s", lifetime=300.0), qop=())
    value = answered(server.challenge(0.0))
    assert "qop" not in value
    assert isinstance(verified(server, value), Verified)
    assert isinstance(verified(server, value), Stale)


def test_wrong_passwords_and_unknown_users_end_in_the_same_verdict() -> None:
    server = challenger()
    lines = server.challenge(0.0)
    wrong = verified(server, answered(lines, word="wrong"))
    unknown = verified(server, answered(lines, username="mallory"))
    decoy = verified(server, answered(lines, username="mallory", word=""))
    assert wrong == Wrong("alice", "wrong password")
    assert unknown == decoy == Wrong("mallory", "unknown user")


def test_a_wrong_password_is_wrong_also_with_a_stale_nonce() -> None:
    server = challenger()
    value = answered(server.challenge(0.0), word="wrong")
    assert isinstance(verified(server, value, now=1000.0), Wrong)


def test_a_nonce_that_another_made_is_stale_for_the_right_password() -> None:
    value = answered([f'Digest realm="{REALM}", nonce="theirs", algorithm=MD5, qop="auth"'])
    assert verified(challenger(), value) == Stale("alice")


def test_an_algorithm_that_was_not_offered_is_wrong() -> None:
    value = answered(challenger(Algorithm.MD5).challenge(0.0))
    server = challenger(Algorithm.SHA_256)
    assert verified(server, value) == Wrong("alice", "algorithm was not offered")
    assert isinstance(verified(server, value.replace("MD5", "ROT13")), Wrong)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("qop=auth", "qop=token"),
        ("nc=00000001", "nc=1"),
        ("nc=00000001", "nc=0000000g"),
        (", nc=00000001", ""),
        (', cnonce="c0ffee"', ""),
    ],
)
def test_malformed_qop_and_counts_are_wrong(old: str, new: str) -> None:
    server = challenger()
    value = answered(server.challenge(0.0))
    assert old in value
    assert verified(server, value.replace(old, new)) == Wrong(
        "alice", "qop or nonce count is malformed"
    )


def test_a_response_of_any_octets_is_compared() -> None:
    server = challenger()
    credentials = server.select([answered(server.challenge(0.0))])
    assert credentials is not None
    odd = DigestCredentials("alice", REALM, credentials.nonce, SUBJECT.uri, "\udcffé")
    assert isinstance(server.verify(odd, SUBJECT, lookup, 0.0), Wrong)
    loud = str(credentials).replace(credentials.response, credentials.response.upper())
    assert isinstance(verified(server, loud), Verified)


def test_a_digest_serves_for_the_number_that_it_was_made_for() -> None:
    server = challenger()
    lines = server.challenge(0.0)
    other_host = Subject("INVITE", "sip:0312345678@192.0.2.1:5060;transport=udp", b"v=0")
    other_number = Subject("INVITE", "sip:0099@example.com", b"v=0")
    assert verified(server, answered(lines), subject=other_number) == Wrong(
        "alice", "digest is for another address"
    )
    assert isinstance(verified(server, answered(lines), subject=other_host), Verified)


def test_credentials_of_other_realms_and_schemes_are_passed_over() -> None:
    server = challenger()
    other = 'Digest username="a", realm="else", nonce="n", uri="u", response="r"'
    assert server.select([]) is None
    assert server.select(["Basic abc", other]) is None
    own = answered(server.challenge(0.0))
    assert server.select([other, own]) == DigestCredentials.parse(own)
    with pytest.raises(RemoteProtocolError):
        server.select(["Digest ;;;"])


def test_a_challenger_needs_an_algorithm_and_a_realm_without_quotes() -> None:
    with pytest.raises(LocalProtocolError):
        Challenger(REALM, Nonces(b"s", lifetime=1.0), algorithms=())
    with pytest.raises(LocalProtocolError):
        Challenger('a"b', Nonces(b"s", lifetime=1.0))
