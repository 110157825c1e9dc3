"""Replaces values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.replaces import Replaces


@pytest.mark.parametrize(
    "value",
    [Replaces("c@x", "t", "f"), Replaces("c", "t", "f", early_only=True, params={"x": "1"})],
)
def test_a_value_survives_being_written_and_read(value: Replaces) -> None:
    assert Replaces.parse(str(value)) == value


@pytest.mark.parametrize(
    "text",
    ["", "c", "c;to-tag=1", "c;from-tag=1", ";to-tag=1;from-tag=2", "c;to-tag=1;from-tag=2,d"],
)
def test_what_names_no_single_dialog_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Replaces.parse(text)
