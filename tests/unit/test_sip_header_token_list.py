"""Lists of tokens."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.token_list import contains_token, format_tokens, parse_tokens


def test_the_lines_of_a_field_are_one_list() -> None:
    tokens = parse_tokens(["timer, 100rel", "", "path"])
    assert tokens == ["timer", "100rel", "path"]
    assert format_tokens(tokens) == "timer, 100rel, path"


def test_a_malformed_list_is_refused() -> None:
    for line in ("a,,b", "a b", '"a"'):
        with pytest.raises(RemoteProtocolError):
            parse_tokens([line])


def test_a_token_is_found_in_any_line_and_case() -> None:
    assert contains_token(["a", "Timer ,x"], "tImer")
    assert not contains_token(["timers, x timer"], "timer")
    assert not contains_token([], "timer")
