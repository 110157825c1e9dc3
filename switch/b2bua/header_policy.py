"""Which header fields cross a call.

An allow-list by trust, nothing else (RFC 3325).
"""

from switch.sip.message import Field, Request

HARMLESS = frozenset({"subject", "priority", "accept-language"})
"""Between devices of the switch: what the caller wrote for the called person."""

FROM_TRUNK = HARMLESS | {"diversion", "history-info"}
"""From a trusted carrier to a device: also where the call was diverted."""

NOTHING: frozenset[str] = frozenset()


def crossing(request: Request, *, from_trunk: bool, to_trunk: bool) -> list[Field]:
    """Return the fields of an INVITE that its B leg repeats; none from a device to a carrier."""
    if to_trunk:
        allowed = FROM_TRUNK if from_trunk else NOTHING
    else:
        allowed = FROM_TRUNK if from_trunk else HARMLESS
    return request.copy_fields(allowed) if allowed else []


def reason_across(reason: str | None, *, to_trunk: bool) -> str | None:
    """Return the Reason value that a BYE or CANCEL carries on.

    A carrier gets none of a device's.
    """
    return None if to_trunk else reason
