"""The index: what a changed copy shares, and what it does not."""

from hypothesis import given
from hypothesis import strategies as st

from routing.index import Index

NAMES = st.text(max_size=4)


def test_values_are_found_by_name() -> None:
    index = Index({"a": 1, "b": 2})
    assert (index["a"], index.get("b"), index.get("c"), index.get("c", 0)) == (1, 2, None, 0)
    assert ("a" in index, "c" in index, 1 in index) == (True, False, False)
    assert index == {"a": 1, "b": 2}
    assert repr(index) == "<Index of 2>"


@given(
    st.dictionaries(NAMES, st.integers()),
    st.lists(NAMES),
    st.dictionaries(NAMES, st.integers()),
)
def test_a_changed_copy_is_as_a_changed_dictionary(
    values: dict[str, int], gone: list[str], added: dict[str, int]
) -> None:
    before = Index(values)
    after = before.changed(gone, added)
    expected = {name: value for name, value in values.items() if name not in gone} | added
    assert dict(after) == expected
    assert len(after) == len(expected)
    assert before == values, "the index itself stays as it is"


def test_what_did_not_change_is_shared() -> None:
    before = Index({str(number): number for number in range(1000)})
    after = before.changed(["7"], {"x": 1})
    shared = [one is two for one, two in zip(before._parts, after._parts, strict=True)]
    assert shared.count(False) <= 2


def test_the_order_of_names_is_the_same_in_every_run() -> None:
    assert list(Index({"a": 1, "b": 2, "c": 3})) == ["a", "c", "b"]


def test_a_name_that_is_no_text_of_unicode_is_merely_unknown() -> None:
    assert Index({"a": 1}).get("\udcff") is None
