"""An index: an immutable mapping of names whose changed copies share what did not change.

It is kept in parts, so that a change of one customer among a hundred thousand numbers copies a few
hundred entries and not all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar, overload
from zlib import crc32

PARTS = 256
"""At a hundred thousand names a part has four hundred, which are copied in some microseconds."""

Value = TypeVar("Value")
Default = TypeVar("Default")


class Index(Mapping[str, Value]):
    """Values by name, in an order that is the same in every run."""

    __slots__ = ("_parts", "_size")

    def __init__(self, values: Mapping[str, Value]) -> None:
        parts: list[dict[str, Value]] = [{} for _ in range(PARTS)]
        for name, value in values.items():
            parts[_part(name)][name] = value
        self._parts = parts
        self._size = len(values)

    def changed(self, gone: Iterable[str], added: Mapping[str, Value]) -> "Index[Value]":
        """Return an index without some names and with others; unknown names may be gone too."""
        fresh: Index[Value] = Index.__new__(Index)
        fresh._parts = parts = list(self._parts)
        copied: set[int] = set()
        for name in gone:
            part = _part(name)
            if name in parts[part]:
                _own(parts, part, copied).pop(name)
        for name, value in added.items():
            _own(parts, _part(name), copied)[name] = value
        changes = (len(parts[part]) - len(self._parts[part]) for part in copied)
        fresh._size = self._size + sum(changes)
        return fresh

    @overload
    def get(self, key: str, /) -> Value | None: ...

    @overload
    def get(self, key: str, default: Value | Default, /) -> Value | Default: ...

    def get(self, key: str, default: Default | None = None, /) -> Value | Default | None:
        """Find the value of a name."""
        return self._parts[_part(key)].get(key, default)

    def __getitem__(self, key: str) -> Value:
        return self._parts[_part(key)][key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self._parts[_part(key)]

    def __iter__(self) -> Iterator[str]:
        return (name for part in self._parts for name in part)

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"<Index of {self._size}>"


def _part(name: str) -> int:
    # Not hash(), which differs from run to run.
    return crc32(name.encode("utf-8", "surrogateescape")) % PARTS


def _own(parts: list[dict[str, Value]], part: int, copied: set[int]) -> dict[str, Value]:
    """Return a part that may be changed."""
    if part not in copied:
        copied.add(part)
        parts[part] = dict(parts[part])
    return parts[part]
