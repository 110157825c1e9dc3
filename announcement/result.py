"""What a calendar says of a moment: open, or closed with a message and what follows it (R44)."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Open:
    """The call goes its usual way."""

    is_open = True

    def __str__(self) -> str:
        return "open"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call after the message."""

    def __str__(self) -> str:
        return "hang up"


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Let the number's voicemail answer after the message."""

    def __str__(self) -> str:
        return "voicemail"


@dataclass(frozen=True, slots=True)
class Forward:
    """Forward the call after the message."""

    to: str
    """A number in E.164, or an extension of the contract."""

    def __str__(self) -> str:
        return f"forward to {self.to}"


@dataclass(frozen=True, slots=True)
class EnterMenu:
    """Offer a menu after the message (press 1 …)."""

    menu: str

    def __str__(self) -> str:
        return f"menu {self.menu}"


Then: TypeAlias = HangUp | TakeMessage | Forward | EnterMenu


@dataclass(frozen=True, slots=True)
class Closed:
    """The announcement answers."""

    message: str
    """The key of what the caller hears."""
    then: Then

    is_open = False

    def __str__(self) -> str:
        return f"closed: {self.message}, {self.then}"


Result: TypeAlias = Open | Closed

OPEN = Open()
HANG_UP = HangUp()
