"""Numbers of the Japanese plan: reading, writing, classifying."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.number import (
    Number,
    NumberError,
    NumberFormat,
    NumberKind,
    Presentation,
    is_emergency,
    split_presentation,
)

KINDS = {
    "0312345678": (NumberKind.FIXED, "+81312345678"),
    "0120123456": (NumberKind.FREEPHONE, "0120123456"),
    "08001234567": (NumberKind.FREEPHONE, "08001234567"),
    "0570123456": (NumberKind.NAVI, "0570123456"),
    "0990123456": (NumberKind.SERVICE, "0990123456"),
    "09012345678": (NumberKind.MOBILE, "+819012345678"),
    "07012345678": (NumberKind.MOBILE, "+817012345678"),
    "08012345678": (NumberKind.MOBILE, "+818012345678"),
    "05012345678": (NumberKind.IP_PHONE, "+815012345678"),
    "02012345678": (NumberKind.M2M, "+812012345678"),
    "02001234567890": (NumberKind.M2M, "+812001234567890"),
    "02041234567": (NumberKind.PAGER, "+812041234567"),
    "06001234567": (NumberKind.FMC, "+816001234567"),
    "110": (NumberKind.EMERGENCY, "110"),
    "118": (NumberKind.EMERGENCY, "118"),
    "119": (NumberKind.EMERGENCY, "119"),
    "117": (NumberKind.SHORT_CODE, "117"),
    "171": (NumberKind.SHORT_CODE, "171"),
    "#7119": (NumberKind.SHORT_CODE, "#7119"),
    "0033010123456": (NumberKind.CARRIER_SELECTION, "0033010123456"),
    "01012125551234": (NumberKind.INTERNATIONAL, "+12125551234"),
    "+12125551234": (NumberKind.INTERNATIONAL, "+12125551234"),
    "+81312345678": (NumberKind.FIXED, "+81312345678"),
    "01081312345678": (NumberKind.FIXED, "+81312345678"),
    "0422123456": (NumberKind.FIXED, "+81422123456"),
}


@pytest.mark.parametrize(("text", "kind", "inner"), [(t, *v) for t, v in KINDS.items()])
def test_each_form_of_the_plan_is_known_by_its_kind(
    text: str, kind: NumberKind, inner: str
) -> None:
    number = Number.parse(text)
    assert (number.kind, str(number)) == (kind, inner)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0", "03123", "090123456", "0800123456", "05001234567", "+", "+0123456", "+12",
     "+123456789012345678", "9" * 33, "1" * 5000, "12", "#31#0312345678", "+81110",
     "".join(chr(ord(digit) + 0xFEE0) for digit in "0312345678")],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        Number.parse(text)


def test_separators_and_subscriber_parameters_are_dropped() -> None:
    assert Number.parse("+81-3-1234-5678;phone-context=+81").text == "+81312345678"
    assert Number.parse("(03) 1234.5678").text == "+81312345678"


@pytest.mark.parametrize(
    ("text", "form", "written"),
    [
        ("0312345678", NumberFormat.E164, "+81312345678"),
        ("0312345678", NumberFormat.E164_BARE, "81312345678"),
        ("+81312345678", NumberFormat.NATIONAL, "0312345678"),
        ("+12125551234", NumberFormat.NATIONAL, "01012125551234"),
        ("0120123456", NumberFormat.E164, "0120123456"),
        ("0120123456", NumberFormat.E164_BARE, "0120123456"),
        ("110", NumberFormat.NATIONAL, "110"),
    ],
)
def test_a_number_is_written_as_the_carrier_wants_it(
    text: str, form: NumberFormat, written: str
) -> None:
    assert Number.parse(text).written(form) == written


FIXED = st.from_regex(r"0[346][1-9][0-9]{7}", fullmatch=True)
MOBILE = st.from_regex(r"0[789]0[1-9][0-9]{7}", fullmatch=True)
FOREIGN = st.from_regex(r"010[1-79][0-9]{9}", fullmatch=True)


@given(st.one_of(FIXED, MOBILE, FOREIGN))
def test_the_national_form_survives_the_way_through_e164(text: str) -> None:
    number = Number.parse(text)
    assert number.is_e164
    assert number.national == text
    assert Number.parse(number.text) == number
    assert Number.parse(number.written(NumberFormat.E164)) == number


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = Number.parse(text)
    except NumberError:
        return
    assert Number.parse(number.national) == number


@pytest.mark.parametrize(
    ("text", "rest", "presentation"),
    [
        ("1840312345678", "0312345678", Presentation.WITHHELD),
        ("1860312345678", "0312345678", Presentation.PRESENTED),
        ("0312345678", "0312345678", Presentation.DEFAULT),
        ("184", "184", Presentation.DEFAULT),
        ("186", "186", Presentation.DEFAULT),
    ],
)
def test_184_and_186_are_taken_off_the_front(
    text: str, rest: str, presentation: Presentation
) -> None:
    dialled = split_presentation(text)
    assert (dialled.text, dialled.presentation) == (rest, presentation)


@pytest.mark.parametrize("text", ["110", "118", "119", "184110", "186119", "1-1-0", "110;x=y"])
def test_an_emergency_number_is_known_however_it_is_dialled(text: str) -> None:
    assert is_emergency(text)


@pytest.mark.parametrize("text", ["117", "1100", "0110", "", "184"])
def test_other_numbers_are_no_emergency(text: str) -> None:
    assert not is_emergency(text)
