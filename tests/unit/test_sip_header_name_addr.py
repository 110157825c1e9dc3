"""Addresses with display name and parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import quote
from switch.sip.header.name_addr import NameAddr

tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~", min_size=1, max_size=8)
parameters = st.dictionaries(tokens, st.none() | tokens | st.text().map(quote), max_size=4)
addresses = st.builds(
    NameAddr,
    st.text(),
    st.sampled_from(["sip:a;b@x?c=d", "tel:+81", "sips:[::1]", "urn:x:%3E"]),
    parameters,
)


@given(addresses)
def test_an_address_survives_being_written_and_read(address: NameAddr) -> None:
    assert NameAddr.parse(str(address)) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("sip:a@x;tag=1", NameAddr("", "sip:a@x", {"tag": "1"})),
        (" sip:a@x ; tag=1", NameAddr("", "sip:a@x", {"tag": "1"})),
        ("Taro Yamada <sip:a@x;lr>", NameAddr("Taro Yamada", "sip:a@x;lr", {})),
        ("Taro<sip:a@x>", NameAddr("Taro", "sip:a@x", {})),
        ('"a\\\\\\"<b>" <sip:a@x>;p', NameAddr('a\\"<b>', "sip:a@x", {"p": None})),
        ("代表 <sip:a@x>", NameAddr("代表", "sip:a@x", {})),
        ('"" <sip:a@x>', NameAddr("", "sip:a@x", {})),
    ],
)
def test_the_forms_of_an_address_are_read(text: str, address: NameAddr) -> None:
    assert NameAddr.parse(text) == address


def test_the_tag_is_at_hand() -> None:
    assert NameAddr.parse("<sip:a@x>;TAG=q").tag == "q"
    assert NameAddr.parse("<sip:a@x>").tag is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "a@x",
        "<a@x>",
        '"A <sip:a@x>',
        "<sip:a@x",
        "< sip:a@x>",
        "<sip:a@x >",
        "A, B <sip:a@x>",
        "sip:a@x?b=c",
        "sip:a@x,",
        "<sip:a@x>x",
        "<sip:a@x>;",
        '"A" B <sip:a@x>',
        "<<sip:a@x>>",
        "<>",
    ],
)
def test_malformed_addresses_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        NameAddr.parse(text)
