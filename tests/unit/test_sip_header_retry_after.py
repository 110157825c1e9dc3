"""Retry-After values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.delta_seconds import MAX_DELTA
from switch.sip.header.retry_after import RetryAfter


def test_a_delay_survives_being_written_and_read() -> None:
    value = RetryAfter(120, {"duration": "60"})
    assert RetryAfter.parse(str(value)) == value
    assert RetryAfter.parse(" 120 (in a meeting) ;duration=60") == value
    assert RetryAfter.parse("9" * 30).delay == MAX_DELTA


@pytest.mark.parametrize("text", ["", "soon", "1 (a", "1 x", "-1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        RetryAfter.parse(text)
