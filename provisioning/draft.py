"""A draft: a table as it was written, read as far as it can be.

Rules look at drafts, not at models, so that a typing error in one place hides no fault elsewhere; a
value of a wrong type is not there for them, and the models' fault to tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning.breach import KeyPath
from provisioning.field import e164, forward_target


@dataclass(frozen=True, slots=True)
class Draft:
    """One table and where it stands."""

    path: KeyPath
    table: Mapping[str, object]

    def at(self, key: str) -> KeyPath:
        """Return the path of a key."""
        return (*self.path, key)

    def has(self, key: str) -> bool:
        """Whether anything is written under a key."""
        return self.table.get(key) is not None

    def text(self, key: str) -> str | None:
        """Read a text, or digits that were written as an integer."""
        value = self.table.get(key)
        is_text = isinstance(value, str | int) and not isinstance(value, bool)
        return str(value) if is_text else None

    def number(self, key: str) -> str | None:
        """Read a telephone number, in E.164."""
        text = self.text(key)
        try:
            return None if text is None else e164(text)
        except ValueError:
            return None

    def target(self, key: str) -> str | None:
        """Read where calls are forwarded, in its inner form."""
        text = self.text(key)
        try:
            return None if text is None else forward_target(text)
        except ValueError:
            return None

    def flag(self, key: str) -> bool:
        """Whether a key is set to true."""
        return self.table.get(key) is True

    def part(self, key: str) -> "Draft | None":
        """Return a table within."""
        value = self.table.get(key)
        return Draft(self.at(key), value) if isinstance(value, Mapping) else None

    def parts(self, key: str) -> "tuple[Draft, ...]":
        """Return the tables of an array within."""
        return tuple(self._parts(key))

    def _parts(self, key: str) -> "Iterator[Draft]":
        value = self.table.get(key)
        if isinstance(value, list):
            for position, table in enumerate(value):
                if isinstance(table, Mapping):
                    yield Draft((*self.path, key, position), table)
