"""How a simulated phone behaves: its manner towards an incoming call, its habits in every call."""

from dataclasses import dataclass

from switch.sip.message import Field


@dataclass(frozen=True, slots=True)
class Manner:
    """What a phone does with a call that comes in; times are seconds after the INVITE."""

    ring_after: float | None = 0.0
    ring_status: int = 180
    ring_described: bool = False
    """The provisional response carries the answer: early media."""
    reliable: bool = False
    """The provisional response is sent reliably when the caller allows it (RFC 3262)."""
    answer_after: float | None = 2.0
    answer_status: int = 200
    answer_fields: tuple[Field, ...] = ()
    answer_body: bytes | None = None
    """Sent in place of the phone's own description."""
    hang_up_after: float | None = None
    """Seconds after its 200."""
    forks: bool = False
    """A second 200 with another To tag follows the first, as from a forking proxy."""
    second_status: int | None = None
    """A second, other final response follows the first: a broken phone."""
    is_mute: bool = False
    """Nothing is ever answered."""
    rings_twice: bool = False
    """Two provisional responses with To tags of their own, as from a forking proxy."""


ANSWERS = Manner()
BUSY = Manner(ring_after=None, answer_after=0.0, answer_status=486)
DECLINES = Manner(answer_after=1.0, answer_status=603)
NEVER_ANSWERS = Manner(answer_after=None)
MUTE = Manner(is_mute=True)


@dataclass(frozen=True, slots=True)
class Habits:
    """What a phone does in all its calls."""

    supports_100rel: bool = False
    session_expires: int | None = None
    """Session timers are supported, with this interval when the phone proposes one (RFC 4028)."""
    refresher: str = ""
    """Whom a calling phone names as the refresher; it leaves the choice when this is empty."""
    refreshes: bool = True
    """As the refresher, the phone does refresh."""
    refresh_method: str = "INVITE"
    keeps_nonce: bool = False
    """The last challenge is answered in advance, until it is stale."""
    acks_skipped: int = 0
    """This many ACKs of 2xx responses, in each call, are not sent."""
    allow: str = "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, INFO"
    answers_bye: bool = True
    answers_updates: bool = True
    """Re-INVITEs and UPDATEs that come in are accepted; else they get 488."""
