"""Digest arithmetic and the client's side, by the vectors of RFC 2617, RFC 7616 and its errata."""

import pytest

from switch.sip.digest import (
    Algorithm,
    HashedSecret,
    Password,
    Responder,
    algorithm_named,
    answer,
    ha1,
    hashed,
    response_of,
    select_challenge,
)
from switch.sip.errors import LocalProtocolError
from switch.sip.header.digest import DigestChallenge, DigestCredentials

RFC_7616_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
RFC_7616_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def credentials_of(value: str) -> DigestCredentials:
    credentials = DigestCredentials.parse(value)
    assert credentials is not None
    return credentials


def test_the_vector_of_rfc_2617() -> None:
    value = answer(
        DigestChallenge(
            "testrealm@host.com",
            "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            qop=("auth", "auth-int"),
            opaque="5ccc069c403ebaf9f0171e9517f40e41",
        ),
        "Mufasa",
        Password("Circle Of Life"),
        method="GET",
        uri="/dir/index.html",
        cnonce="0a4f113b",
    )
    assert credentials_of(value) == DigestCredentials(
        "Mufasa",
        "testrealm@host.com",
        "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "/dir/index.html",
        "6629fae49393a05397450978507c4ef1",
        cnonce="0a4f113b",
        qop="auth",
        nonce_count="00000001",
        opaque="5ccc069c403ebaf9f0171e9517f40e41",
    )


def test_the_vector_of_rfc_2069_as_corrected_has_no_qop() -> None:
    value = answer(
        DigestChallenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093"),
        "Mufasa",
        Password("CircleOfLife"),
        method="GET",
        uri="/dir/index.html",
        cnonce="unused",
    )
    assert "qop" not in value
    assert "cnonce" not in value
    assert credentials_of(value).response == "1949323746fe6a43ef61f9606e7febea"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    value = answer(
        DigestChallenge("http-auth@example.org", RFC_7616_NONCE, algorithm, ("auth", "auth-int")),
        "Mufasa",
        Password("Circle of Life"),
        method="GET",
        uri="/dir/index.html",
        cnonce=RFC_7616_CNONCE,
    )
    assert credentials_of(value).response == response
    assert f"algorithm={algorithm}, qop=auth" in value


def test_the_vector_of_rfc_7616_section_3_9_2_as_erratum_4897_corrects_it() -> None:
    value = answer(
        DigestChallenge(
            "api@example.org",
            "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
            "SHA-512-256",
            ("auth",),
        ),
        "J\u00e4s\u00f8n Doe",
        Password("Secret, or not?"),
        method="GET",
        uri="/doe.json",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    assert credentials_of(value).response == (
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    )


def test_auth_int_covers_the_body() -> None:
    challenge = DigestChallenge("r", "n", "MD5", ("auth-int",))

    def response(body: bytes) -> str:
        value = answer(
            challenge, "u", Password("p"), method="INVITE", uri="sip:a", cnonce="c", body=body
        )
        assert "qop=auth-int" in value
        return credentials_of(value).response

    empty = hashed(Algorithm.MD5, "")
    ha2 = hashed(Algorithm.MD5, f"INVITE:sip:a:{empty}")
    kept = ha1(Algorithm.MD5, "u", "r", "p")
    assert response(b"") == hashed(Algorithm.MD5, f"{kept}:n:00000001:c:auth-int:{ha2}")
    assert response(b"") != response(b"v=0")


def test_a_sess_algorithm_hashes_the_nonces_into_ha1() -> None:
    challenge = DigestChallenge("r", "n", "MD5-sess", ("auth",))
    value = answer(challenge, "u", Password("p"), method="M", uri="s", cnonce="c")
    given = credentials_of(value)
    kept = ha1(Algorithm.MD5, "u", "r", "p")
    session = ha1(Algorithm.MD5, kept, "n", "c")  # the same form: three texts joined by colons
    assert given.response == response_of(Algorithm.MD5, session, given, method="M", body=b"")
    assert given.algorithm == "MD5-sess"


def test_algorithms_are_known_in_any_case_and_md5_when_unnamed() -> None:
    assert algorithm_named(None) is Algorithm.MD5
    assert algorithm_named("sha-512-256") is Algorithm.SHA_512_256
    assert algorithm_named("SHA-1") is None


def test_the_strongest_challenge_is_answered_whatever_the_order() -> None:
    lines = [
        'Digest realm="r", nonce="1", algorithm=MD5, qop="auth"',
        'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"',
        'Digest realm="r", nonce="3", algorithm=SHA-256, qop="auth"',
        'Digest realm="r", nonce="4", algorithm=SHA3-512, qop="auth"',
        'Digest realm="r", nonce="5", algorithm=SHA-512-256, qop="token"',
        'Basic realm="r"',
        'Digest realm="unfinished',
    ]
    chosen = select_challenge(lines, "u", Password("p"))
    assert chosen is not None
    assert chosen.nonce == "2"


def test_a_secret_kept_as_ha1_answers_only_what_it_is_kept_for() -> None:
    secret = HashedSecret({Algorithm.MD5: ha1(Algorithm.MD5, "u", "r", "p")})
    lines = ['Digest realm="r", nonce="1", algorithm=SHA-256', 'Digest realm="r", nonce="2"']
    chosen = select_challenge(lines, "u", secret)
    assert chosen is not None
    assert chosen.nonce == "2"
    assert answer(chosen, "u", secret, method="M", uri="s", cnonce="c") == answer(
        chosen, "u", Password("p"), method="M", uri="s", cnonce="c"
    )
    strong = DigestChallenge("r", "1", "SHA-256")
    with pytest.raises(LocalProtocolError):
        answer(strong, "u", secret, method="M", uri="s", cnonce="c")
    unknown = DigestChallenge("r", "1", "SHA-1")
    with pytest.raises(LocalProtocolError):
        answer(unknown, "u", secret, method="M", uri="s", cnonce="c")


def test_only_the_wanted_realm_is_answered() -> None:
    lines = ['Digest realm="theirs", nonce="1"']
    assert select_challenge(lines, "u", Password("p"), realm="ours") is None
    assert select_challenge(lines, "u", Password("p"), realm="theirs") is not None
    assert select_challenge([], "u", Password("p")) is None


def test_secrets_do_not_show_in_a_repr() -> None:
    assert repr(Password("hush")) == "<Password>"
    assert "abc" not in repr(HashedSecret({Algorithm.MD5: "abc"}))


def test_a_nonce_is_used_again_with_rising_counts() -> None:
    responder = Responder("u", Password("p"))
    assert responder.authorize("REGISTER", "sip:r", b"", "c") is None
    assert responder.challenged(['Digest realm="r", nonce="n", qop="auth"'])
    counts = []
    for _ in range(3):
        value = responder.authorize("REGISTER", "sip:r", b"", "c")
        assert value is not None
        counts.append(credentials_of(value).nonce_count)
    assert counts == ["00000001", "00000002", "00000003"]
    assert repr(responder) == "<Responder u count 3>"


def test_an_answer_that_was_refused_is_not_tried_again_unless_the_nonce_was_stale() -> None:
    responder = Responder("u", Password("p"), realm="r")
    fresh = 'Digest realm="r", nonce="{}", qop="auth"'
    assert responder.challenged([fresh.format(1)])
    responder.authorize("REGISTER", "sip:r", b"", "c")
    assert responder.challenged([fresh.format(2) + ", stale=true"])
    responder.authorize("REGISTER", "sip:r", b"", "c")
    assert not responder.challenged([fresh.format(3)])
    responder.authorize("REGISTER", "sip:r", b"", "c")
    responder.authorize("REGISTER", "sip:r", b"", "c")
    assert responder.challenged([fresh.format(4)])  # a used nonce that lapsed without being told so
    assert not responder.challenged(['Digest realm="other", nonce="5"'])
