"""Numbers abroad: country and length."""

import pytest

from routing.abroad import Abroad, Length, look_up


@pytest.mark.parametrize(
    ("number", "country", "length"),
    [
        ("+442079460000", "GB", Length.POSSIBLE),
        ("+12125551234", "US", Length.POSSIBLE),
        ("+16135550199", "CA", Length.POSSIBLE),
        ("+18762345678", "JM", Length.POSSIBLE),
        ("+8613812345678", "CN", Length.POSSIBLE),
        ("+44201234", "", Length.TOO_SHORT),
        ("+861381", "CN", Length.TOO_SHORT),
        ("+4420123456789012", "", Length.TOO_LONG),
        ("+999123456789", "", Length.NO_COUNTRY),
        ("+88213300000", "001", Length.POSSIBLE),
    ],
)
def test_a_number_abroad_has_a_country_and_a_length(
    number: str, country: str, length: Length
) -> None:
    assert look_up(number) == Abroad(country, length)


def test_a_number_that_none_of_the_countries_of_a_code_has_is_of_no_country() -> None:
    assert look_up("+19995551234") == Abroad("", Length.POSSIBLE)
