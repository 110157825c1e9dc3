"""The clock on the wall in Japan: Unix times to days and seconds of Asia/Tokyo, and back."""

from datetime import date, datetime, time
from typing import TypeAlias
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
DAY_SECONDS = 24 * 3600
"""Of every day: Japan has kept no summer time since 1951."""

Instant: TypeAlias = float | datetime
"""A Unix time, or a time with its zone."""


def tokyo(at: Instant) -> datetime:
    """Show an instant by the clocks of Japan; raise `ValueError` for a time without a zone."""
    if not isinstance(at, datetime):
        return datetime.fromtimestamp(at, TOKYO)
    if at.tzinfo is None:
        raise ValueError("a time needs its zone: 09:00 is another moment in Tokyo and in London")
    return at.astimezone(TOKYO)


def unix(at: Instant) -> float:
    """Return an instant in Unix seconds; raise `ValueError` for a time without a zone."""
    return tokyo(at).timestamp() if isinstance(at, datetime) else at


def midnight(day: date) -> int:
    """Return the Unix time at which a day begins in Japan."""
    return int(datetime.combine(day, time(), TOKYO).timestamp())
