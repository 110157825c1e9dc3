"""Drafts: what can be read of a file that has faults, so that the rest is judged all the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from announcement.document import CalendarTable
from announcement.fault import Fault, Place, written


@dataclass(frozen=True, slots=True)
class Draft:
    """A calendar, whole or without the parts that are wrong."""

    place: Place
    table: CalendarTable
    positions: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Where the entries that are left of a list stood in the file."""

    def at(self, place: Place) -> Place:
        """Return a place in this calendar as a place in the file."""
        match place:
            case (str(key), int(position), *rest) if key in self.positions:
                return (*self.place, key, self.positions[key][position], *rest)
        return (*self.place, *place)


def field_faults(error: ValidationError, root: Place = ()) -> Iterator[Fault]:
    """Put pydantic's findings into the operator's words."""
    for detail in error.errors(include_url=False):
        yield _field_fault(detail, root)


def draft(table: object, place: Place) -> Draft | None:
    """Read a calendar as far as it goes, or return None when too little is left."""
    try:
        return Draft(place, _read(table))
    except ValidationError as error:
        wrong = {detail["loc"][:2] for detail in error.errors()}
    if not isinstance(table, dict):
        return None
    left, positions = _without(table, place, wrong)
    try:
        return Draft(place, _read(left), positions)
    except ValidationError:
        return None


def _read(table: object) -> CalendarTable:
    return CalendarTable.model_validate(table, by_alias=True)


def _without(
    table: Mapping[str, object], place: Place, wrong: set[Place]
) -> tuple[dict[str, object], dict[str, list[int]]]:
    left: dict[str, object] = {"weekly": {}, "name": written(place)}
    positions: dict[str, list[int]] = {}
    keys = {fault[0] for fault in wrong if fault}
    for key, value in table.items():
        if key not in keys:
            left[key] = value
        elif isinstance(value, list):
            positions[key] = [spot for spot in range(len(value)) if (key, spot) not in wrong]
            left[key] = [value[spot] for spot in positions[key]]
    return left, positions


def _field_fault(detail: ErrorDetails, root: Place) -> Fault:
    place = (*root, *detail["loc"])
    name = str(place[-1]) if place else "file"
    match detail["type"]:
        case "extra_forbidden":
            return Fault(place, "is unknown", "remove it, or mend its name")
        case "missing":
            return Fault(place, "is missing", f"add {name} = …")
        case "value_error":
            right = detail["msg"].removeprefix("Value error, ")
        case _:
            right = detail["msg"][:1].lower() + detail["msg"][1:]
    value = detail["input"]
    is_large = isinstance(value, dict | list | BaseModel)
    return Fault(place, "is wrong" if is_large else f"{value!r:.80} is wrong", right)
