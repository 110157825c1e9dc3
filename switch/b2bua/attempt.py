"""The attempt that an INVITE is: who wants to call whom, as routing is asked."""

from routing.decision import Attempt, Caller, Outcome, Refuse, Use
from routing.device import Device
from routing.trunk import Trunk
from switch.sip.message import Request
from switch.sip.uri import SipUri
from switch.trunk.identity import called_user, caller_from_device, caller_from_trunk


def attempt_of(invite: Request, origin: Device | Trunk, at: float) -> Attempt:
    """Read who wants to call whom."""
    if isinstance(origin, Trunk):
        called, wish = called_user(invite, origin), caller_from_trunk(invite, origin)
    else:
        called, wish = SipUri.parse(invite.uri).user, caller_from_device(invite)
    return Attempt(
        origin,
        called,
        at,
        presented=wish.number,
        withhold=wish.withhold,
        display_name=wish.display_name,
        is_preferred=invite.first("p-preferred-identity") is not None,
    )


def caller_text(origin: Device | Trunk, attempt: Attempt) -> str:
    """Return the caller as records name it.

    A device is its number, whatever it asked to present.
    """
    if isinstance(origin, Trunk):
        return attempt.presented or "anonymous"
    return origin.number


def shown_as(outcome: Outcome) -> Caller | None:
    """Return how a decision lets the caller be shown; None when it connects nobody."""
    return None if isinstance(outcome, Use | Refuse) else outcome.caller
