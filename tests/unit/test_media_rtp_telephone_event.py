"""Telephone events: digits as payload."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.errors import MalformedPacket
from media.rtp.telephone_event import FLASH, TelephoneEvent, event_of, parse


@given(
    st.builds(
        TelephoneEvent,
        event=st.integers(0, 255),
        duration=st.integers(0, 0xFFFF),
        end=st.booleans(),
        volume=st.integers(0, 63),
    )
)
def test_an_event_survives_the_way_through_octets(event: TelephoneEvent) -> None:
    assert parse(event.octets()) == event


@given(st.binary(max_size=8))
def test_any_payload_is_an_event_or_the_typed_error(payload: bytes) -> None:
    try:
        event = parse(payload)
    except MalformedPacket:
        assert len(payload) < 4
    else:
        assert parse(event.octets()) == event


@pytest.mark.parametrize("digit", "0123456789*#ABCD")
def test_each_digit_has_its_event_and_back(digit: str) -> None:
    assert TelephoneEvent(event_of(digit), 160).digit == digit
    assert event_of(digit.lower()) == event_of(digit)


def test_a_flash_is_no_digit() -> None:
    assert TelephoneEvent(FLASH, 0).digit is None


@pytest.mark.parametrize("text", ["", "E", "12", "１"])  # noqa: RUF001 - a full-width digit
def test_other_characters_are_no_digits(text: str) -> None:
    with pytest.raises(MalformedPacket):
        event_of(text)


@pytest.mark.parametrize(
    "event",
    [TelephoneEvent(256, 0), TelephoneEvent(0, 1 << 16), TelephoneEvent(0, 0, volume=64)],
)
def test_fields_out_of_range_are_not_built(event: TelephoneEvent) -> None:
    with pytest.raises(MalformedPacket):
        event.octets()
