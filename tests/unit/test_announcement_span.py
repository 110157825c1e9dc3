"""Spans of a day, as they are written."""

import pytest

from announcement.span import Span, collisions


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("09:00-18:00", (540, 1080), "09:00-18:00"),
        ("9:00 ~ 18:00", (540, 1080), "09:00-18:00"),
        ("09:00\uff5e18:00", (540, 1080), "09:00-18:00"),
        ("22:00-26:00", (1320, 1560), "22:00-26:00"),
        ("22:00-翌02:00", (1320, 1560), "22:00-26:00"),
        ("00:00-24:00", (0, 1440), "00:00-24:00"),
        ("12:00-36:00", (720, 2160), "12:00-36:00"),
    ],
)
def test_a_span_is_read_and_written(text: str, span: tuple[int, int], written: str) -> None:
    assert Span.parse(text) == span
    assert str(Span.parse(text)) == written
    assert Span.parse(written) == span


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nine to five", "write hours as 09:00-18:00"),
        ("18:00-09:00", "ends before it begins; over midnight it is 18:00-33:00"),
        ("09:00-09:00", "a whole day is 00:00-24:00"),
        ("24:00-25:00", "begin before 24:00"),
        ("09:60-10:00", "00:00 to 24:00"),
        ("09:00-49:00", "00:00 to 24:00"),
        ("09:00-34:00", "24 hours long at most"),
    ],
)
def test_a_span_that_is_none_is_refused_with_what_would_be_right(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Span.parse(text)


def test_spans_that_share_a_minute_are_found() -> None:
    hours = [Span(0, 60), Span(60, 120), Span(90, 100), Span(30, 61)]
    assert list(collisions(hours)) == [(0, 3), (1, 2), (1, 3)]


def test_a_span_over_midnight_meets_one_of_the_next_day() -> None:
    assert Span(1320, 1560).overlaps(Span(60, 180), 1)
    assert not Span(1320, 1500).overlaps(Span(60, 180), 1)
