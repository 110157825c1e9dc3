"""What is wrong with a file of calendars: where it stands, what is wrong, what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str | int, ...]
"""A path into a parsed text: table keys, and positions in arrays."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at its place; `first` is the other place when two settings collide."""

    place: Place
    wrong: str
    right: str
    first: Place | None = None

    def __str__(self) -> str:
        where = f"{written(self.place)}: " if self.place else ""
        other = f" (first at {written(self.first)})" if self.first is not None else ""
        return f"{where}{self.wrong}; {self.right}{other}"


class CalendarError(Exception):
    """Calendars cannot be taken; carries every fault that was found."""

    def __init__(self, found: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, found)))
        self.faults = tuple(found)


def written(place: Place) -> str:
    """Write a place as operators name it, counted from 1: `calendar 1: break 2: hours 1`."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(str(part))
    return ": ".join(parts)
