"""Reading out: whatever is read has its prompts, and Japanese has its own forms."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import reading
from media.plane import Prompt, Silence, Source
from media.prompt_text import LANGUAGES, prompt_texts
from media.termination import MAX_SOURCES

LANGUAGE = st.sampled_from(LANGUAGES)
TODAY = date(2027, 1, 1)


def names(sources: tuple[Source, ...]) -> list[str]:
    return [each.name if isinstance(each, Prompt) else "-" for each in sources]


def said(sources: tuple[Source, ...]) -> str:
    """Return what is said, as people write it."""
    words = [
        prompt_texts()[each.name].text(each.language)
        for each in sources
        if isinstance(each, Prompt)
    ]
    return " ".join(words)


def is_playable(sources: tuple[Source, ...]) -> bool:
    return 0 < len(sources) <= MAX_SOURCES and all(
        isinstance(each, Silence) or (isinstance(each, Prompt) and each.name in prompt_texts())
        for each in sources
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_and_count_is_read_with_prompts_that_exist(language: str) -> None:
    for n in range(10_000):
        assert is_playable(reading.number(n, language)), n
        assert is_playable(reading.count(n, language)), n


def test_the_parts_of_a_number_add_up_to_it() -> None:
    for n in range(10_000):
        parts = [int(name.removeprefix("number-")) for name in names(reading.number(n, "ja"))]
        assert sum(parts) == n
        assert parts == sorted(parts, reverse=True)
        counted = [int(name.rpartition("-")[2]) for name in names(reading.count(n, "ja"))]
        assert sum(counted) == n


@pytest.mark.parametrize(
    ("n", "wanted"),
    [
        (0, ["number-0"]),
        (8, ["number-8"]),
        (300, ["number-300"]),
        (1008, ["number-1000", "number-8"]),
        (3864, ["number-3000", "number-800", "number-64"]),
        (10_000, ["digit-1", "digit-0", "digit-0", "digit-0", "digit-0"]),
        (-5, ["digit-5"]),
    ],
)
def test_a_number_is_read_by_thousands_hundreds_and_the_rest(n: int, wanted: list[str]) -> None:
    assert names(reading.number(n, "ja")) == wanted


@pytest.mark.parametrize(
    ("n", "wanted"),
    [
        (0, ["count-0"]),
        (1, ["count-1"]),
        (20, ["count-20"]),
        (28, ["number-20", "count-8"]),
        (30, ["count-30"]),
        (200, ["count-200"]),
        (311, ["number-300", "count-11"]),
        (-1, ["count-0"]),
        (10**9, ["number-9000", "number-900", "number-90", "count-9"]),
    ],
)
def test_a_count_ends_with_what_is_counted(n: int, wanted: list[str]) -> None:
    assert names(reading.count(n, "ja")) == wanted


@pytest.mark.parametrize(
    ("digits", "wanted"),
    [
        ("0312345678", "0 3 - 1 2 3 4 - 5 6 7 8"),
        ("+81312345678", "0 3 - 1 2 3 4 - 5 6 7 8"),
        ("09012345678", "0 9 0 - 1 2 3 4 - 5 6 7 8"),
        ("0120123456", "0 1 2 0 - 1 2 3 - 4 5 6"),
        ("06-123-45678", "0 6 - 1 2 3 - 4 5 6 7 8"),
        ("101", "1 0 1"),
        ("*55#", "star 5 5 hash"),
        ("+14155550100", "plus 1 4 1 - 5 5 5 5 - 0 1 0 0"),
    ],
)
def test_a_telephone_number_is_read_in_its_groups(digits: str, wanted: str) -> None:
    read = [name.removeprefix("digit-") for name in names(reading.telephone(digits, "ja"))]
    assert " ".join(read).replace("- -", "-") == wanted


@pytest.mark.parametrize("digits", ["", "anonymous", "-", "\uff13"])
def test_a_number_without_digits_is_read_as_withheld(digits: str) -> None:
    assert names(reading.telephone(digits, "en")) == ["caller-withheld"]


@given(st.text(max_size=300), LANGUAGE)
def test_whatever_stands_for_a_number_can_be_played(digits: str, language: str) -> None:
    assert is_playable(reading.telephone(digits, language))


def test_a_time_is_read_as_each_language_says_it() -> None:
    assert said(reading.time(time(15, 5), "ja")) == "午後 3時 5分"
    assert said(reading.time(time(15, 5), "en")) == "three oh five P.M."
    assert said(reading.time(time(0, 0), "ja")) == "午前 0時"
    assert said(reading.time(time(12, 30), "ja")) == "午後 0時 30分"
    assert said(reading.time(time(12, 30), "en")) == "twelve thirty P.M."


def test_a_day_is_read_as_today_or_yesterday_where_it_is() -> None:
    assert said(reading.date(TODAY, "ja", today=TODAY)) == "本日"
    assert said(reading.date(TODAY - timedelta(1), "en", today=TODAY)) == "yesterday"
    assert said(reading.date(TODAY - timedelta(2), "ja", today=TODAY)) == "12月 30日"
    assert said(reading.date(TODAY + timedelta(1), "en", today=TODAY)) == "January second"
    assert said(reading.date(TODAY, "en")) == "January first"
    assert said(reading.weekday(TODAY, "ja")) == "金曜日"


@given(st.datetimes(), LANGUAGE)
def test_every_moment_can_be_played(at: datetime, language: str) -> None:
    assert is_playable(reading.moment(at, language, today=TODAY))
    assert is_playable(reading.weekday(at.date(), language))


@pytest.mark.parametrize(
    ("seconds", "japanese", "english"),
    [
        (0, "0 秒", "zero seconds"),
        (1, "1 秒", "one second"),
        (59.6, "1分", "one minute"),
        (125, "2分 5 秒", "two minutes five seconds"),
        (3600, "60 分", "sixty minutes"),
        (-3, "0 秒", "zero seconds"),
    ],
)
def test_a_duration_is_read_in_minutes_and_seconds(
    seconds: float, japanese: str, english: str
) -> None:
    assert said(reading.duration(seconds, "ja")) == japanese
    assert said(reading.duration(seconds, "en")) == english


@given(st.floats(0, 1e6), LANGUAGE)
def test_every_duration_can_be_played(seconds: float, language: str) -> None:
    assert is_playable(reading.duration(seconds, language))


def test_a_mailbox_is_read_with_what_is_new_first() -> None:
    assert said(reading.inbox(0, 0, "ja")) == "伝言はありません。"
    assert said(reading.inbox(3, 0, "ja")) == "新しい伝言が、 3件 あります。"
    both = "新しい伝言が、 1件 あります。 保存した伝言が、 12件 あります。"
    assert said(reading.inbox(1, 12, "ja")) == both
    assert said(reading.inbox(0, 2, "en")) == "You have two messages that you have saved."


@given(st.integers(0, 10**6), st.integers(0, 10**6), LANGUAGE)
def test_every_mailbox_can_be_played(new: int, saved: int, language: str) -> None:
    assert is_playable(reading.inbox(new, saved, language))
