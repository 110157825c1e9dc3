"""A voice message: what is known of it, and of one that is still being recorded (R54, R55)."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from routing.number import Number, NumberError


class MessageState(StrEnum):
    """How a message stands; listening to it makes it saved, and so does the user's word."""

    NEW = "new"
    SAVED = "saved"
    DELETED = "deleted"
    """To be undeleted for a while."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; times are Unix seconds."""

    id: str
    number: str
    """Whose mailbox it is in, in E.164."""
    contract: str
    caller: str | None
    """In E.164 or as the carrier said; None when it was withheld."""
    started_at: float
    seconds: float
    state: MessageState
    read_at: float | None
    deleted_at: float | None
    path: Path


class Slip(msgspec.Struct, frozen=True):
    """What is known of a message before its sound: on the disk before recording begins.

    With it, a message whose row was lost is a message again.
    """

    id: str
    number: str
    contract: str
    caller: str | None
    started_at: float
    addresses: tuple[str, ...] = ()
    """Who gets mail of it."""


def shown(number: str | None) -> str:
    """Write a number as people in Japan dial it, or that it was withheld."""
    if number is None:
        return "非通知"
    try:
        return Number.parse(number).national
    except NumberError:
        return number
