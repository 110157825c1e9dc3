"""Numbers abroad: of which country they are, and whether they can be numbers there at all.

The `phonenumbers` library knows the plans of the world; Japan's is `routing.number`'s own table.
Only lengths are believed: prefixes come into use faster than any library learns of them. The first
number of a country costs milliseconds, to read its plan, so that whoever may not call abroad is
refused before.
"""

from enum import Enum
from functools import lru_cache

import msgspec
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    ValidationResult,
    is_possible_number_with_reason,
    parse,
    region_code_for_number,
    region_codes_for_country_code,
)

_REMEMBERED = 1024
"""Numbers abroad that are remembered as read; an office calls far fewer."""


class Length(Enum):
    """How a number's length agrees with its country's plan."""

    POSSIBLE = "possible"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_COUNTRY = "no_country"
    """The country code is nobody's."""


class Abroad(msgspec.Struct, frozen=True):
    """What is known of a number of another country."""

    country: str
    """ISO 3166's two letters, 001 for networks of no country, empty for nobody's code.

    Empty too where several countries share a code and the number fits none of them.
    """
    length: Length


_LENGTHS = {
    ValidationResult.IS_POSSIBLE: Length.POSSIBLE,
    ValidationResult.INVALID_COUNTRY_CODE: Length.NO_COUNTRY,
    ValidationResult.TOO_LONG: Length.TOO_LONG,
}
"""What is neither is too short, or only possible with an area code before it."""


@lru_cache(maxsize=_REMEMBERED)
def look_up(number: str) -> Abroad:
    """Look a number in E.164 up in the plan of its country."""
    try:
        parsed = parse(number)
    except NumberParseException:
        return Abroad("", Length.NO_COUNTRY)
    verdict = is_possible_number_with_reason(parsed)
    return Abroad(_country(parsed), _LENGTHS.get(verdict, Length.TOO_SHORT))


def _country(number: PhoneNumber) -> str:
    regions = region_codes_for_country_code(number.country_code or 0)
    if len(regions) == 1:
        return regions[0]
    return region_code_for_number(number) or ""
