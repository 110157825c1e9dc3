"""Faults of a configuration: each names its place and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where a setting stands: a file and a line, or an environment variable (line 0)."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and what would be right."""

    place: Place
    setting: str
    """The setting as an operator would write it: `listener 2: port`; empty for a whole file."""
    wrong: str
    right: str

    def __str__(self) -> str:
        subject = f"{self.setting}: " if self.setting else ""
        return f"{self.place}: {subject}{self.wrong}; {self.right}"


class ConfigurationError(Exception):
    """The configuration cannot be used; carries every fault that was found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def unreadable(path: Path, error: OSError) -> Fault:
    """Tell of a configuration file that cannot be read."""
    return Fault(
        Place(str(path), 0),
        "",
        f"cannot be read ({error.strerror})",
        "name an existing, readable file",
    )
