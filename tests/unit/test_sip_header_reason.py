"""Reason values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.reason import Reason


@given(st.none() | st.integers(0, 999), st.none() | st.text())
def test_a_reason_survives_being_written_and_read(cause: int | None, text: str | None) -> None:
    reason = Reason("Q.850", cause, text, {"x": None})
    assert Reason.parse(str(reason)) == reason


def test_every_protocol_has_its_value() -> None:
    line = 'SIP;cause=200;text="Call completed, elsewhere", Q.850 ; cause = 16'
    assert Reason.parse_list(line) == [
        Reason("SIP", 200, "Call completed, elsewhere"),
        Reason("Q.850", 16),
    ]


@pytest.mark.parametrize("text", ["", ";cause=1", "SIP;cause=x", "SIP;cause=1000", "a b;cause=1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Reason.parse(text)
