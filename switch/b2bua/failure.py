"""A failure of the called side, as the caller hears it (RFC 3261 sections 8.1.3.4 and 16.7)."""

from switch.b2bua.event import Cause, Fail, cause_of
from switch.sip.grammar import quote
from switch.sip.message import Field
from switch.sip.uas import REASONS


def told_to_caller(failure: Fail) -> Fail:
    """Return what the caller is told of a failure on the other side.

    A redirection is not followed; a challenge that we could not answer, and 503 (which would turn
    the caller away from this switch, RFC 3261 section 16.7), are faults of ours; silence is
    unavailability.
    """
    if failure.cause is Cause.NO_MEDIA_PORTS or failure.cause is Cause.OVERLOAD:
        return failure
    status = failure.status
    if status in {401, 407, 503}:
        status = 500
    elif status == 408 or status < 400:
        status = 480
    reason = failure.reason if status == failure.status else REASONS[status]
    retry_after = failure.retry_after if status == failure.status else None
    return Fail(status, reason, failure.cause, retry_after, fields=failure.fields)


def failure_of(status: int) -> Fail:
    """Return a failure of our own making."""
    return Fail(status, REASONS[status], cause_of(status))


def warning_fields(text: str, host: str) -> tuple[Field, ...]:
    """Say in words why the caller is refused (RFC 3261 section 20.43)."""
    return (("Warning", f"399 {host} {quote(text)}"),)
