"""Destinations: prefixes, kinds of number, anything."""

import pytest

from routing.destination import ANY, Destination
from routing.number import Number, NumberKind


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("+8190", "+8190"),
        ("090", "+8190"),
        ("03-12", "+81312"),
        ("0", "+81"),
        ("0101", "+1"),
        ("+1", "+1"),
        ("0120", "0120"),
        ("0800", "0800"),
        ("0570", "0570"),
        ("104", "104"),
        ("0091", "0091"),
    ],
)
def test_a_prefix_is_written_as_dialled_or_in_e164(text: str, prefix: str) -> None:
    assert Destination.parse(text) == Destination(prefix)
    assert str(Destination.parse(text)) == prefix


@pytest.mark.parametrize("kind", NumberKind)
def test_every_kind_of_number_is_a_destination(kind: NumberKind) -> None:
    assert Destination.parse(kind.value) == Destination(kind=kind)
    assert str(Destination(kind=kind)) == kind.value


@pytest.mark.parametrize(
    "text", ["", "mobiles", "8190", "010", "+", "+81a", "1" * 40, "\uff10\uff19\uff10"]
)
def test_what_is_no_destination_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"prefix|kind|international"):
        Destination.parse(text)


@pytest.mark.parametrize(
    ("text", "number", "holds"),
    [
        ("any", "110", True),
        ("emergency", "110", True),
        ("emergency", "117", False),
        ("11", "110", True),
        ("090", "09012345678", True),
        ("090", "08012345678", False),
        ("080", "08001234567", False),
        ("mobile", "08012345678", True),
        ("0101", "01012125551234", True),
        ("0", "01012125551234", False),
    ],
)
def test_a_destination_holds_its_numbers_only(text: str, number: str, *, holds: bool) -> None:
    assert Destination.parse(text).holds(Number.parse(number)) is holds


def test_any_destination_says_so() -> None:
    assert Destination.parse("any") == ANY
    assert str(ANY) == "any"
