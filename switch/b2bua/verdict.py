"""The verdict on a trunk: what its health learns of each call that was sent to it."""

from switch.b2bua.cdr import LegRecord
from switch.sip.errors import RemoteProtocolError
from switch.sip.header.retry_after import RetryAfter
from switch.trunk.service import TrunkService


def judge(trunks: TrunkService, trunk: str, record: LegRecord) -> None:
    """Let a trunk's health learn how a call went."""
    if record.answered_at is not None:
        trunks.call_succeeded(trunk)
    elif record.is_unheard:
        trunks.call_failed(trunk, None)
    elif record.released_by == "callee":
        trunks.call_failed(trunk, record.status, _seconds(record.retry_after))


def _seconds(retry_after: str | None) -> float:
    """Return what a Retry-After asks for; 0 for none that can be read."""
    try:
        return float(RetryAfter.parse(retry_after).delay) if retry_after is not None else 0.0
    except RemoteProtocolError:
        return 0.0
