"""Characters, hosts, quoted strings and lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip import grammar
from switch.sip.errors import RemoteProtocolError


@pytest.mark.parametrize("text", ["INVITE", "a", "-.!%*_+`'~09"])
def test_tokens_are_told_from_other_text(text: str) -> None:
    assert grammar.is_token(text)
    assert not grammar.is_token(text + " ")
    assert not grammar.is_token(text + "é")
    assert not grammar.is_token("")


def test_schemes_start_with_a_letter() -> None:
    assert grammar.is_scheme("soap.beep")
    assert not grammar.is_scheme("1sip")
    assert not grammar.is_scheme("<sip")


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.jp", "example.jp", None),
        ("192.0.2.1:5060", "192.0.2.1", 5060),
        ("host : 05060", "host", 5060),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1", 1),
        ("[::1] : 2", "::1", 2),
        ("my_pbx", "my_pbx", None),
    ],
)
def test_host_and_port_are_read(text: str, host: str, port: int | None) -> None:
    assert grammar.parse_host_port(text) == (host, port)
    assert grammar.parse_host_port(grammar.format_host_port(host, port)) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "", ":5060", "a b", "host:", "host:x", "host:65536", "host:-1", "[::1", "[::1]x", "[]",
        "[1:2]", "[:::]", "[fe80::1%eth0]", "[example.jp]", "-host", "host:" + "9" * 30, "ホスト",
    ],
)  # fmt: skip
def test_malformed_host_and_port_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        grammar.parse_host_port(text)


def test_numbers_have_a_limit_and_may_have_leading_zeros() -> None:
    assert grammar.parse_number("0070", 255, "hops") == 70
    assert grammar.parse_number("0" * 5000, 255, "hops") == 0
    for text in ("", "256", "٣", "²", "1 ", "-1", "9" * 5000):
        with pytest.raises(RemoteProtocolError):
            grammar.parse_number(text, 255, "hops")


@given(st.text())
def test_a_quoted_string_says_what_was_quoted(text: str) -> None:
    quoted = grammar.quote(text)
    assert grammar.is_quoted(quoted)
    assert grammar.unquote(quoted) == text
    assert grammar.unquote(grammar.token_or_quoted(text)) == text or text.startswith('"')


def test_text_that_is_no_quoted_string_is_left_alone() -> None:
    assert grammar.unquote("MD5") == "MD5"
    assert grammar.unquote('"') == '"'
    assert not grammar.is_quoted('"a" b"')
    assert grammar.token_or_quoted("") == '""'
    assert grammar.token_or_quoted("MD5") == "MD5"
    assert grammar.token_or_quoted("a b") == '"a b"'


def test_lists_are_split_outside_quotes_and_brackets() -> None:
    text = '"A, B" <sip:a,b@x>;p="x,y" , <sip:c@x>,,d'
    assert grammar.split(text, ",") == ['"A, B" <sip:a,b@x>;p="x,y"', "<sip:c@x>", "", "d"]
    assert grammar.split("a;b = c ; d", ";") == ["a", "b = c", "d"]
    assert grammar.split('x="a;\\"b";c', ";") == ['x="a;\\"b"', "c"]
    assert grammar.split("<a>,", ",") == ["<a>", ""]


@pytest.mark.parametrize("text", ['"a', "<a", "a,<b", '"a\\"', "<<a>"])
def test_what_is_opened_must_be_closed(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        grammar.split(text, ",")
