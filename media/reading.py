"""Reading out: numbers, counts, telephone numbers, times and dates, as prompts one after another.

Japanese has its own forms (三百 さんびゃく, 八件 はっけん, 四時 よじ, 二十日 はつか). Each is a
prompt, and these functions only choose and order them; `media/prompts/numbers.toml` has the texts.
"""

from datetime import date as Date  # noqa: N812 - `date` and `time` are what this module reads out
from datetime import datetime, timedelta
from datetime import time as Time  # noqa: N812

from media.plane import Prompt, Silence, Source

MAX_NUMBER = 9999
"""What is greater is read digit by digit."""
MAX_DIGITS = 24
"""A telephone number has 15 (E.164) and a prefix; more would fill a play (`MAX_SOURCES`)."""
_COUNTED_TO = 20
"""Up to here, and from there in tens, each count is a prompt."""
_PAUSE = Silence(0.2)
_SYMBOLS = {"*": "digit-star", "#": "digit-hash", "+": "digit-plus"}
_FOUR_THREE_THREE = ("0120", "0570", "0800", "0990")
"""Prefixes of numbers that are written in groups of 4, 3 and 3."""


def number(n: int, language: str) -> tuple[Prompt, ...]:
    """Read a number out."""
    if not 0 <= n <= MAX_NUMBER:
        return tuple(_digits(str(n), language))
    return _prompts(language, *(f"number-{part}" for part in _parts(n)))


def count(n: int, language: str) -> tuple[Prompt, ...]:
    """Read out how many messages there are: 三件, "three messages"."""
    *before, last = _parts(min(max(n, 0), MAX_NUMBER))
    if _COUNTED_TO < last < 100 and last % 10:
        before.append(last // 10 * 10)
        last %= 10
    return _prompts(language, *(f"number-{part}" for part in before), f"count-{last}")


def telephone(digits: str, language: str) -> tuple[Source, ...]:
    """Read a telephone number out, national or in E.164, in groups; nothing for a withheld one."""
    wanted = digits.replace("+81", "0", 1) if digits.startswith("+81") else digits
    groups = wanted.split("-") if "-" in wanted else _groups(wanted)
    sources: list[Source] = []
    left = MAX_DIGITS
    for group in groups:
        prompts = _digits(group[:left], language)
        left -= len(prompts)
        if prompts and sources:
            sources.append(_PAUSE)
        sources += prompts
    return tuple(sources) or _prompts(language, "caller-withheld")


def time(at: Time, language: str) -> tuple[Prompt, ...]:
    """Read a time of day out, to the minute: 午後三時五分, "three oh five P.M."."""
    half = "am" if at.hour < 12 else "pm"
    clock = [f"hour-{at.hour % 12}", *([f"minute-{at.minute}"] if at.minute else [])]
    return _prompts(language, *([half, *clock] if language == "ja" else [*clock, half]))


def date(on: Date, language: str, *, today: Date | None = None) -> tuple[Prompt, ...]:
    """Read a day out, as today or yesterday where it is."""
    if today is not None and timedelta(0) <= today - on <= timedelta(1):
        return _prompts(language, "today" if on == today else "yesterday")
    return _prompts(language, f"month-{on.month}", f"day-{on.day}")


def weekday(on: Date, language: str) -> tuple[Prompt, ...]:
    """Read out which day of the week it is."""
    return _prompts(language, f"weekday-{on.isoweekday()}")


def moment(at: datetime, language: str, *, today: Date | None = None) -> tuple[Prompt, ...]:
    """Read a day and a time of day out; both are of the listener's time zone."""
    return (*date(at.date(), language, today=today), *time(at.time(), language))


def duration(seconds: float, language: str) -> tuple[Prompt, ...]:
    """Read out how long something lasts, to the second."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    read: list[Prompt] = []
    if minutes:
        read += _minutes(minutes, language)
    if rest or not minutes:
        read += number(rest, language)
        read += _prompts(language, "unit-second" if rest == 1 else "unit-seconds")
    return tuple(read)


def inbox(new: int, saved: int, language: str) -> tuple[Prompt, ...]:
    """Read out what is in a mailbox."""
    if not new and not saved:
        return _prompts(language, "messages-none")
    read: list[Prompt] = []
    if new:
        read += _messages("new", new, language)
    if saved:
        read += _messages("saved", saved, language)
    return tuple(read)


def _messages(kind: str, n: int, language: str) -> tuple[Prompt, ...]:
    before, after = _prompts(language, f"messages-{kind}", f"messages-are-{kind}")
    return (before, *count(n, language), after)


def _minutes(n: int, language: str) -> tuple[Prompt, ...]:
    if language == "ja" and n < 60:
        return _prompts(language, f"minute-{n}")
    return (
        *number(n, language),
        *_prompts(language, "unit-minute" if n == 1 else "unit-minutes"),
    )


def _parts(n: int) -> list[int]:
    """Take a number apart into those that have a prompt: 3456 is 3000, 400 and 56."""
    parts = [n // 1000 * 1000, n % 1000 // 100 * 100, n % 100]
    return [part for part in parts if part] or [0]


def _groups(digits: str) -> list[str]:
    """Cut a number as it is written: 03 1234 5678, 0120 123 456."""
    if digits.startswith(_FOUR_THREE_THREE):
        return [digits[:4], digits[4:7], digits[7:]]
    if len(digits) <= 4:
        return [digits]
    return [*_groups(digits[:-4]), digits[-4:]]


def _digits(text: str, language: str) -> list[Prompt]:
    names = (_SYMBOLS.get(each) or f"digit-{each}" for each in text if _is_dialled(each))
    return [Prompt(name, language) for name in names]


def _is_dialled(each: str) -> bool:
    return each in _SYMBOLS or (each.isascii() and each.isdigit())


def _prompts(language: str, *names: str) -> tuple[Prompt, ...]:
    return tuple(Prompt(name, language) for name in names)
