"""The kinds of value in a file of calendars: keys, hours, days, moments, numbers."""

import re
from datetime import date, datetime, time
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from announcement.clock import TOKYO
from announcement.days import FIRST_YEAR, LAST_YEAR, parse_days, parse_weekdays
from announcement.rule import MAX_PRIORITY
from announcement.span import Span

MAX_SPANS = 12
"""Of one day: a surgery with an interval for each hour of its day fits."""
MAX_TEXT = 600
"""Characters of a typed message: what the synthesiser takes, two minutes of speech."""

_EXTENSION = re.compile(r"[1-9][0-9]{1,7}")
_NATIONAL = re.compile(r"0[1-9][0-9]{8,9}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NO_EXTENSIONS = frozenset({"110", "118", "119"})
"""Emergency numbers: never called by a forward."""


class Table(BaseModel):
    """One table; an unknown key in it is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def e164(value: str) -> str:
    """Bring a national (03-1234-5678) or international (+81312345678) number to E.164."""
    digits = re.sub(r"[ ().-]", "", value)
    if _NATIONAL.fullmatch(digits):
        digits = f"+81{digits[1:]}"
    if not _E164.fullmatch(digits):
        raise ValueError("write a number as 0312345678 or as +81312345678")
    return digits


def forward_target(value: str) -> str:
    """Bring a number to E.164, and leave an extension as it is."""
    if _EXTENSION.fullmatch(value) and value not in _NO_EXTENSIONS:
        return value
    try:
        return e164(value)
    except ValueError:
        raise ValueError("forward to a number (0312345678) or an extension (201)") from None


def _span(value: str) -> str:
    return str(Span.parse(value))


def _days(value: str) -> str:
    return str(parse_days(value)) if not value[:1].isalpha() else _named(value)


def _named(value: str) -> str:
    """Keep the name of a season, which says more than its days."""
    parse_days(value)
    return value


def _weekdays(value: str) -> str:
    parse_weekdays(value)
    return value


def _text(value: object) -> object:
    """Accept a bare number where digits are meant: `to = 201`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: object) -> object:
    """Read a day, or a time without a zone, as Japan's."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("write a day as 2027-01-31 or a time as 2027-01-31T09:00") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), TOKYO)
    if isinstance(value, datetime):
        return value.replace(tzinfo=TOKYO) if value.tzinfo is None else value.astimezone(TOKYO)
    return value


def _near(value: datetime) -> datetime:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"years are {FIRST_YEAR} to {LAST_YEAR}")
    return value


Key: TypeAlias = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""A name that other tables refer to."""
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\r\n]+$")]
Hours: TypeAlias = Annotated[
    list[Annotated[str, AfterValidator(_span)]], Field(max_length=MAX_SPANS)
]
"""Intervals of a day: 09:00-12:00; over midnight 22:00-26:00."""
OnDays: TypeAlias = Annotated[
    str, BeforeValidator(str), Field(max_length=64), AfterValidator(_days)
]
WeekdaySet: TypeAlias = Annotated[str, Field(max_length=64), AfterValidator(_weekdays)]
Moment: TypeAlias = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_near)]
TelephoneNumber: TypeAlias = Annotated[str, BeforeValidator(_text), AfterValidator(e164)]
Target: TypeAlias = Annotated[str, BeforeValidator(_text), Field(max_length=64)]
Priority: TypeAlias = Annotated[int, Field(ge=1, le=MAX_PRIORITY)]
