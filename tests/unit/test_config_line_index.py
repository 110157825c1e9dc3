"""Where keys stand in a TOML text."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.line_index import KeyPath, LineIndex

TEXT = '''# a comment = 1
top = 1
[a]
plain = [
  1, # ] and "quotes
  2,
]
"quoted key" = "a = [ b"
many = """
[not.a.table]
x = 1
"""
dotted.inner.key = 3
inline = {one = 1, two = [2]}
[[list]]
name = "first"
[[list.deep]]
y = 1
[[list]]
name = "second"
[[list.deep]]
y = 2
[[list.deep]]
y = 3
[list.table]
z = 4
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "plain"), 4),
        (("a", "plain", 1), 4),
        (("a", "quoted key"), 8),
        (("a", "many"), 9),
        (("a", "dotted", "inner", "key"), 13),
        (("a", "dotted", "inner"), 13),
        (("a", "inline", "two"), 14),
        (("list", 0, "name"), 16),
        (("list", 1), 19),
        (("list", 1, "name"), 20),
        (("list", 1, "deep", 1, "y"), 24),
        (("list", 1, "table", "z"), 26),
        (("nowhere",), 1),
    ],
)
def test_a_path_is_found_on_its_line(path: KeyPath, line: int) -> None:
    assert LineIndex(TEXT).line(path) == line


def test_a_text_inside_strings_and_arrays_is_no_key() -> None:
    tomllib.loads(TEXT)
    names = {path[0] for path, _ in LineIndex(TEXT).entries()}
    assert names == {"top", "a", "list"}


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    LineIndex(text).line(("a", 0, "b"))
