"""A document: what a NOTIFY carries, and the two ways of writing one resource's state."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Document(msgspec.Struct, frozen=True):
    """A body and its content type."""

    content_type: str
    body: bytes


class Package(Protocol):
    """An event package: how a resource's state is written (RFC 6665 section 5)."""

    @property
    def name(self) -> str:
        """The package's name, as in the Event header field."""

    @property
    def media_type(self) -> str:
        """The type that its documents have."""

    def exists(self, watcher: str, contract: str, name: str) -> bool:
        """Tell whether a device may watch the resource; what it may not is not there."""

    def write(self, contract: str, name: str, entity: str, version: int) -> Document:
        """Write the resource's state as it is now; `entity` is how the watcher calls it."""

    def members(self, contract: str, name: str) -> Sequence[str] | None:
        """Return the resources of a list in order, or None when the name is no list."""
