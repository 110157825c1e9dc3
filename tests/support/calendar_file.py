"""Files of calendars for tests."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from announcement.calendar import Calendar
from announcement.clock import TOKYO
from announcement.fault import CalendarError
from announcement.office import Office, read

NUMBER = "+81398765000"
WORKDAY = ["09:00-12:00", "13:00-18:00"]
WEEK = {"mon": WORKDAY, "tue": WORKDAY, "wed": WORKDAY, "thu": WORKDAY, "fri": WORKDAY}


def tree(**parts: object) -> dict[str, Any]:
    """Write a file with one calendar."""
    table = {"name": "office", "numbers": ["03-9876-5000"], "weekly": WEEK, **parts}
    return {"version": 1, "calendar": [table]}


def office(**parts: object) -> Office:
    """Read a file with one calendar, and a menu that is called reception."""
    return read(tree(**parts), {"reception"})


def calendar(**parts: object) -> Calendar:
    """Read a calendar."""
    return office(**parts).calendars[NUMBER]


def faults(file: Mapping[str, object]) -> list[str]:
    """Return the faults of a file, as they are written for people."""
    try:
        read(file)
    except CalendarError as error:
        return str(error).split("\n")
    return []


def at(text: str) -> datetime:
    """Read a time by the clocks of Japan."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)
