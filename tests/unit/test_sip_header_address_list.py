"""Lists of addresses."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.address_list import (
    MAX_ADDRESSES,
    format_addresses,
    parse_addresses,
    split,
)


def test_a_line_is_split_outside_quotes_and_brackets() -> None:
    assert split('"A, B" <sip:a,b@x>, sip:c@x') == ['"A, B" <sip:a,b@x>', "sip:c@x"]


def test_the_lines_of_a_field_are_one_list() -> None:
    addresses = parse_addresses(['"A" <sip:a@x>;p, <sip:b@x>', "sip:c@x"])
    assert [address.uri for address in addresses] == ["sip:a@x", "sip:b@x", "sip:c@x"]
    assert format_addresses(addresses) == '"A" <sip:a@x>;p, <sip:b@x>, <sip:c@x>'
    assert parse_addresses([]) == []


def test_a_list_is_bounded() -> None:
    line = ",".join(["<sip:a@x>"] * MAX_ADDRESSES)
    assert len(parse_addresses([line])) == MAX_ADDRESSES
    for lines in ([f"{line},<sip:a@x>"], [line, "<sip:a@x>"]):
        with pytest.raises(RemoteProtocolError):
            parse_addresses(lines)


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        parse_addresses(["<sip:a@x>,,<sip:b@x>"])
