"""Privacy values."""

from switch.sip.header.privacy import parse_privacy, withholds_identity


def test_values_are_read_in_any_case_and_separated_either_way() -> None:
    assert parse_privacy("ID; critical,user;") == {"id", "critical", "user"}
    assert parse_privacy("") == frozenset()


def test_identity_is_withheld_when_the_caller_asks() -> None:
    assert withholds_identity("id")
    assert withholds_identity("header;critical")
    assert not withholds_identity("none")
    assert not withholds_identity("id;none")
    assert not withholds_identity("critical")
