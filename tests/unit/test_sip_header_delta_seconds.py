"""Numbers of seconds."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.delta_seconds import MAX_DELTA, parse_delta


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        (" 0060 ;x=1", 60),
        ("0", 0),
        ("4294967296", MAX_DELTA),
        ("9" * 9000, MAX_DELTA),
    ],
)
def test_seconds_are_read_and_never_overflow(text: str, seconds: int) -> None:
    assert parse_delta(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1 2", "1.5", "٣", "soon"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parse_delta(text)
