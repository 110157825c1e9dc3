"""Header field parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import quote
from switch.sip.header.parameters import (
    Parameters,
    format_parameters,
    parameter,
    parse_parameters,
)

tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~", min_size=1, max_size=8)
parameters = st.dictionaries(tokens, st.none() | tokens | st.text().map(quote), max_size=4)


@given(parameters)
def test_parameters_survive_being_written_and_read(params: Parameters) -> None:
    assert parse_parameters(format_parameters(params)) == params


def test_white_space_case_and_quotes_are_understood() -> None:
    text = ' ; TAG = 1 ;x="a;b, \\"c" ; lr;e='
    assert parse_parameters(text) == {"tag": "1", "x": '"a;b, \\"c"', "lr": None, "e": ""}
    assert parse_parameters("lr;tag=2") == {"lr": None, "tag": "2"}
    assert parse_parameters(" ") == {}


@pytest.mark.parametrize(
    "text", [";", ";;a", "a;", "=x", "a b=c", "a;A", 'a="b', 'a="b"c', "a=<b>", "lr;lr", "é=1"]
)
def test_malformed_parameters_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_parameters(text)


@given(st.text(max_size=8))
def test_any_text_can_be_a_value(text: str) -> None:
    assert list(parse_parameters(f";x={parameter(text)};y")) == ["x", "y"]


def test_a_value_is_quoted_only_where_it_must_be() -> None:
    assert parameter("[::1]:5060") == "[::1]:5060"
    assert parameter("a b") == '"a b"'
    assert parameter("") == '""'
