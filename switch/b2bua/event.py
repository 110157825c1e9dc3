"""Call-control events: all that the two legs of a call ever tell each other (RFC 7092 section 3).

A leg turns SIP into these and these into SIP; a leg never sees the other's messages.
"""

from enum import StrEnum

import msgspec

from switch.sip.message import Field
from switch.sip.refer import Referral


class Cause(StrEnum):
    """Why a leg ended, in one word for log, CDR and the other leg."""

    NORMAL = "normal"
    CANCELLED = "cancelled"
    ELSEWHERE = "completed_elsewhere"
    TRANSFERRED = "transferred"
    PARKED = "parked"
    PICKED_UP = "picked_up"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    INCOMPATIBLE = "incompatible_media"
    NO_MEDIA_PORTS = "no_media_ports"
    NO_TRUNK = "no_trunk"
    OVERLOAD = "overload"
    NO_ACK = "no_ack"
    SESSION_EXPIRED = "session_expired"
    DIALOG_LOST = "dialog_lost"
    FAILED = "failed"
    SHUTDOWN = "shutdown"
    OPERATOR = "operator"
    BLOCKED = "blocked"
    """A guard against fraud has ended it."""


class Ring(msgspec.Struct, frozen=True):
    """The far side is alerting, or early media begins."""

    status: int
    body: bytes


class Answer(msgspec.Struct, frozen=True):
    """The far side answered; the body is its answer, or its offer when none was sent to it."""

    body: bytes


class Accepted(msgspec.Struct, frozen=True):
    """The A leg's own 2xx left: only now has the caller been answered."""


class Acknowledge(msgspec.Struct, frozen=True):
    """The far side acknowledged a 2xx that carried an offer; the body is its answer."""

    body: bytes


class Fail(msgspec.Struct, frozen=True):
    """The leg ended without an answer."""

    status: int
    reason: str
    cause: Cause
    retry_after: str | None = None
    is_unheard: bool = False
    """Nobody answered: the status is our own."""
    fields: tuple[Field, ...] = ()
    """What else the switch tells the caller of its own refusal."""


class Update(msgspec.Struct, frozen=True):
    """The far side wants the session changed; an empty body asks for an offer."""

    method: str
    body: bytes


class Updated(msgspec.Struct, frozen=True):
    """What became of an `Update`.

    A final status, and the answer (or the offer) when it is a 2xx.
    """

    status: int
    reason: str
    body: bytes


class UpdateCancelled(msgspec.Struct, frozen=True):
    """The far side withdrew its `Update` before it was answered."""


class Inform(msgspec.Struct, frozen=True):
    """The far side sent an INFO, a digit for instance (RFC 6086)."""

    content_type: str
    body: bytes


class Refer(msgspec.Struct, frozen=True):
    """The far side asks that the other side be called on elsewhere (RFC 3515)."""

    referral: Referral


class Release(msgspec.Struct, frozen=True):
    """The leg ended after an answer, or its caller gave up before one."""

    cause: Cause
    reason: str | None = None
    """The Reason header field's value that came with it (RFC 3326)."""


SessionEvent = Acknowledge | Update | Updated | UpdateCancelled | Inform
"""What one side of a call tells the other, whose call goes on."""

LegEvent = Ring | Answer | Accepted | Fail | Release | Refer | SessionEvent

_CAUSES = {
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    408: Cause.UNREACHABLE,
    480: Cause.UNREACHABLE,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    488: Cause.INCOMPATIBLE,
    600: Cause.BUSY,
    603: Cause.DECLINED,
    604: Cause.NOT_FOUND,
    606: Cause.INCOMPATIBLE,
    607: Cause.DECLINED,
}


def cause_of(status: int) -> Cause:
    """Return the cause that a final failure status means."""
    return _CAUSES.get(status, Cause.FAILED)
