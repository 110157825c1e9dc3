"""Session-Expires values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.session_expires import SessionExpires


@pytest.mark.parametrize(
    "value",
    [
        SessionExpires(1800),
        SessionExpires(90, "uac"),
        SessionExpires(90, "uas", {"x": "1", "y": None}),
    ],
)
def test_a_value_survives_being_written_and_read(value: SessionExpires) -> None:
    assert SessionExpires.parse(str(value)) == value


def test_the_refresher_is_read_in_any_case() -> None:
    assert SessionExpires.parse("1800 ; Refresher=UAC").refresher == "uac"


@pytest.mark.parametrize("text", ["", "x", "90;refresher=me", "90;;", ";refresher=uac"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        SessionExpires.parse(text)


def test_a_refresher_without_value_says_nothing() -> None:
    assert SessionExpires.parse("90;refresher").refresher is None
