"""Addresses of far sides."""

import pytest

from media.address import canonical_host, far_side


@pytest.mark.parametrize(
    ("host", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("phone.example", None),
        ("", None),
        ("192.0.2.01", None),
    ],
)
def test_a_literal_has_one_spelling_and_a_name_none(host: str, canonical: str | None) -> None:
    assert canonical_host(host) == canonical


def test_a_far_side_is_its_canonical_host_and_port() -> None:
    assert far_side("192.0.2.1", 4000, ipv6=False) == ("192.0.2.1", 4000)
    assert far_side("2001:DB8::1", 4000, ipv6=True) == ("2001:db8::1", 4000)


@pytest.mark.parametrize(
    ("host", "port", "ipv6"),
    [
        ("phone.example", 4000, False),
        ("192.0.2.1", 4000, True),
        ("2001:db8::1", 4000, False),
        ("192.0.2.1", 0, False),
        ("192.0.2.1", 65536, False),
        ("0.0.0.0", 4000, False),  # noqa: S104 - what an old phone says to hold
        ("::", 4000, True),
        ("224.0.0.1", 4000, False),
        ("ff02::1", 4000, True),
        ("255.255.255.255", 4000, False),
        ("fe80::1%eth0", 4000, True),
    ],
)
def test_nothing_is_sent_where_a_peer_could_misuse_us(host: str, port: int, *, ipv6: bool) -> None:
    assert far_side(host, port, ipv6=ipv6) is None
