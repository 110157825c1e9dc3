"""The kinds of value that operators write."""

from datetime import date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from provisioning.field import JAPAN, MacAddress, MailAddress, Moment

MOMENT = TypeAdapter(Moment)
MAC = TypeAdapter(MacAddress)
MAIL = TypeAdapter(MailAddress)


@pytest.mark.parametrize(
    "value",
    [
        "2027-01-31",
        "2027-01-31T00:00",
        "2027-01-30T15:00Z",
        date(2027, 1, 31),
        datetime(2027, 1, 31, tzinfo=JAPAN),
        datetime(2027, 1, 31),  # noqa: DTZ001 - what a file without a zone gives
    ],
)
def test_a_day_or_a_time_without_a_zone_is_japans(value: object) -> None:
    assert MOMENT.validate_python(value).isoformat() == "2027-01-31T00:00:00+09:00"


@pytest.mark.parametrize("value", ["tomorrow", None, []])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_python(value)


@pytest.mark.parametrize("text", ["000B82AABBCC", "00:0b:82:aa:bb:cc", "00-0B-82-aa-bb-cc"])
def test_a_mac_address_has_one_form(text: str) -> None:
    assert MAC.validate_python(text) == "00:0b:82:aa:bb:cc"


@pytest.mark.parametrize("text", ["", "000b82aabbc", "000b82aabbcg"])
def test_what_is_no_mac_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="write a MAC address"):
        MAC.validate_python(text)


@pytest.mark.parametrize("text", ["a", "a@", "@b", "a b@c", "a@b,c@d"])
def test_what_is_no_mail_address_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="write a mail address"):
        MAIL.validate_python(text)
