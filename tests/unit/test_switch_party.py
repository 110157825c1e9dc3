"""Whom an operator means by a number."""

import pytest

from switch.party import spellings


@pytest.mark.parametrize("text", ["05012340101", "050-1234-0101", "+815012340101"])
def test_a_number_is_meant_in_each_of_its_forms(text: str) -> None:
    assert spellings(text) == {text, "05012340101", "815012340101", "+815012340101"}


@pytest.mark.parametrize("text", ["101", "alice", ""])
def test_an_extension_or_a_name_has_one_form(text: str) -> None:
    assert spellings(text) == {text}
