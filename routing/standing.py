"""The standing: how things stand at the moment of a call, as far as routing asks.

The live switch answers from its registrar, leases and trunks; a call that was never made is judged
with everybody registered and nothing in progress, or with whatever standing is told.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from routing.limit import LimitKey


class Standing(Protocol):
    """What a decision may ask about the moment."""

    def is_registered(self, username: str) -> bool:
        """Tell whether a device has a binding."""

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel."""

    def is_healthy(self, trunk: str) -> bool:
        """Tell whether a trunk takes calls now."""

    def is_open(self, line: str, at: float) -> bool:
        """Tell whether a number's business hours hold at a Unix time (R44)."""

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:
        """Return why an ID may not call out now (a budget spent, an operator's block), or None."""


@dataclass(frozen=True, slots=True)
class AssumedStanding:
    """A standing that is told, for explanations and tests."""

    unregistered: Container[str] = frozenset()
    in_progress: Mapping[LimitKey, int] = field(default_factory=dict)
    unhealthy: Container[str] = frozenset()
    closed: Container[str] = frozenset()
    """Numbers in E.164 whose after-hours announcement answers."""
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Reasons by user name or contract."""

    def is_registered(self, username: str) -> bool:
        """Tell whether a device has a binding."""
        return username not in self.unregistered

    def held(self, key: LimitKey) -> int:
        """Count the calls that hold a channel."""
        return self.in_progress.get(key, 0)

    def is_healthy(self, trunk: str) -> bool:
        """Tell whether a trunk takes calls now."""
        return trunk not in self.unhealthy

    def is_open(self, line: str, at: float) -> bool:  # noqa: ARG002 - told, not computed
        """Tell whether a number's business hours hold at a Unix time (R44)."""
        return line not in self.closed

    def block(self, contract: str, username: str, *, abroad: bool) -> str | None:  # noqa: ARG002
        """Return why an ID may not call out now (a budget spent, an operator's block), or None."""
        return self.blocks.get(username) or self.blocks.get(contract)
