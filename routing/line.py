"""A line: a number in service, who rings for it and what else answers it (R1, R9, R15, R32)."""

from dataclasses import dataclass
from enum import Enum
from math import inf

MAX_VOICEMAIL_DELAY = 180.0
"""Seconds until voicemail answers at the latest: as long as any caller waits (R57)."""


class LineKind(Enum):
    """Of which kind a number is; it is always exactly one (R1)."""

    DIRECT = "direct"
    """Belongs to one ID and rings its device alone (R3)."""
    REPRESENTATIVE = "representative"
    """Shared by the IDs assigned to it (R9)."""


class WhenFull(Enum):
    """What a caller gets when every channel of a number is taken."""

    BUSY = "busy"
    ANNOUNCEMENT = "announcement"


class FaxMode(Enum):
    """How cloud FAX shares a number with voice (R49, R50)."""

    ONLY = "only"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Ringer:
    """An ID's part in a number: whether its device rings for it (R32)."""

    username: str
    rings: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A number of a contract, as calls to it see it."""

    number: str
    """In E.164."""
    contract: str
    kind: LineKind
    ringers: tuple[Ringer, ...]
    """The IDs assigned to it; a direct number has one."""
    name: str = ""
    """What its users call it."""
    in_service_from: float = -inf
    """Unix seconds; a port-in whose date is not fixed is never in service (infinity)."""
    when_full: WhenFull = WhenFull.BUSY
    fax: FaxMode | None = None
    """How cloud FAX answers it; None without the option."""
    after_hours: bool = False
    """Whether the after-hours option is contracted; its calendar says when (R44)."""
    voicemail_delay: float | None = None
    """Seconds until voicemail answers, 1 to 180 (R57); None without the option."""

    @property
    def is_representative(self) -> bool:
        """Whether it is shared and has channels (R14)."""
        return self.kind is LineKind.REPRESENTATIVE

    def is_assigned(self, username: str) -> bool:
        """Whether it is shared and an ID may present it, ringing or not (R9, R16)."""
        if not self.is_representative:
            return False
        return any(ringer.username == username for ringer in self.ringers)
