"""What is wrong with something written: where it stands, what is wrong, and what would be right."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

KeyPath = tuple[str | int, ...]
"""A path into a parsed text: table keys, and positions in arrays of tables."""

_RULE = re.compile(r"\bR\d{1,2}\b")
_SECRETS = frozenset({"password", "ha1"})

_REQUIRED = {
    ("missing", "number"): "add number = …: every ID has a direct number (R2)",
    ("too_short", "id"): "give the contract its basic ID: it has exactly one (R5)",
    ("missing", "id"): "give the contract its basic ID: it has exactly one (R5)",
}
"""Why a field must be there, where a requirement says so."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that is broken at a path; `first` is the other place when two settings collide."""

    path: KeyPath
    wrong: str
    right: str
    first: KeyPath | None = None

    @property
    def rules(self) -> tuple[str, ...]:
        """The requirements that it breaks, such as R12."""
        return tuple(_RULE.findall(self.right))

    def __str__(self) -> str:
        where = f"{written(self.path)}: " if self.path else ""
        other = f" (first at {written(self.first)})" if self.first is not None else ""
        return f"{where}{self.wrong}; {self.right}{other}"


def written(path: KeyPath) -> str:
    """Write a path as operators name it: `contract 1: id 2: username`."""
    parts: list[str] = []
    for part in path:
        if isinstance(part, int) and parts:
            parts[-1] += f" {part + 1}"
        else:
            parts.append(str(part))
    return ": ".join(parts)


def pointed(path: KeyPath) -> str:
    """Write a path as programs name it, counted from 0: `contract[0].id[1].username`."""
    steps = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(steps).removeprefix(".")


def field_breaches(error: ValidationError, root: type[BaseModel]) -> Iterator[Breach]:
    """Put pydantic's findings into the operator's words."""
    for detail in error.errors(include_url=False):
        yield _field_breach(detail, root)


def _field_breach(detail: ErrorDetails, root: type[BaseModel]) -> Breach:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    kind = detail["type"]
    because = _REQUIRED.get((kind, str(path[-1]) if path else ""))
    match kind:
        case "extra_forbidden":
            return Breach(path, "is unknown", _suggestion(path, root))
        case "missing":
            return Breach(path, "is missing", because or f"add {path[-1]} = …")
        case "value_error":
            right = detail["msg"].removeprefix("Value error, ")
        case _:
            right = because or detail["msg"][:1].lower() + detail["msg"][1:]
    value = detail["input"]
    is_secret = path[-1:] in {(name,) for name in _SECRETS} or "ha1" in path
    shown = "is wrong" if is_secret or isinstance(value, dict | list) else f"{value!r} is wrong"
    return Breach(path, shown, right)


def _suggestion(path: KeyPath, root: type[BaseModel]) -> str:
    model: type[BaseModel] | None = root
    for part in path[:-1]:
        if isinstance(part, str) and model is not None:
            model = _model_of(model, part)
    known = _names(model) if model is not None else []
    close = get_close_matches(str(path[-1]), known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"remove it, or use one of {', '.join(sorted(known))}" if known else "remove it"


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Find the model of a table by its written name, through a list or an optional."""
    for own, field in model.model_fields.items():
        if name == (field.alias or own):
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    return kind
    return None
