"""Event values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.event import Event


def test_an_event_survives_being_written_and_read() -> None:
    event = Event("message-summary", {"id": "7", "x": None})
    assert Event.parse(str(event)) == event
    assert event.id == "7"
    assert Event.parse(" dialog ") == Event("dialog")
    assert Event("dialog").id is None


@pytest.mark.parametrize("text", ["", ";id=1", "a b", "dialog;;"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Event.parse(text)
