"""Content-Type values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.content_type import ContentType


def test_a_media_type_survives_being_written_and_read() -> None:
    value = ContentType("multipart/mixed", {"boundary": '"a;b"'})
    assert ContentType.parse(str(value)) == value
    assert ContentType.parse(" Application / SDP ") == ContentType("application/sdp")


@pytest.mark.parametrize("text", ["", "application", "a/", "/b", "a/b;;", "a/b c"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        ContentType.parse(text)
