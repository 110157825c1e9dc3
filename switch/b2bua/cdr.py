"""Call detail records: what happened on each leg, folded as it happens and written once."""

from dataclasses import dataclass

import msgspec

from media.plane import StreamCounters
from routing.decision import Caller
from routing.device import Device
from routing.trunk import Trunk
from switch.b2bua.event import Cause
from switch.effect import WriteCdr


@dataclass(slots=True)
class LegRecord:
    """One leg's story so far; times are Unix seconds."""

    leg: str
    direction: str
    contract: str | None
    device: str | None
    trunk: str | None
    caller: str
    called: str
    started_at: float
    sip_call_id: str = ""
    ringing_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    status: int = 0
    cause: Cause | None = None
    released_by: str = ""
    is_unheard: bool = False
    """Nobody ever answered the leg's INVITE."""
    retry_after: str | None = None
    counters: tuple[StreamCounters, ...] = ()
    shown_as: Caller | None = None
    """How routing lets this leg's far side be shown; a withheld number stays withheld."""

    def sent_on(self, leg: str, target: Device | Trunk, called: str, at: float) -> "LegRecord":
        """Begin the record of a leg that is tried for this one."""
        device = target if isinstance(target, Device) else None
        return LegRecord(
            leg=leg,
            direction="out",
            contract=device.contract if device is not None else self.contract,
            device=device.username if device is not None else None,
            trunk=target.name if isinstance(target, Trunk) else None,
            caller=self.caller,
            called=called,
            started_at=at,
        )

    def ring(self, at: float) -> None:
        """Note the first alerting."""
        if self.ringing_at is None:
            self.ringing_at = at

    def answer(self, at: float) -> None:
        """Note the answer."""
        if self.answered_at is None:
            self.answered_at, self.status = at, 200

    def end(self, at: float, status: int, cause: Cause, released_by: str) -> None:
        """Note the end, the first time."""
        if self.ended_at is not None:
            return
        self.ended_at, self.cause, self.released_by = at, cause, released_by
        if self.answered_at is None:
            self.status = status

    @property
    def duration(self) -> float:
        """Seconds from answer to end; 0 for a call that was not answered."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return self.ended_at - self.answered_at

    def row(self, call_id: str, trace: str) -> WriteCdr:
        """Return the record as it is written."""
        ended = self.ended_at if self.ended_at is not None else self.started_at
        return WriteCdr(
            call_id=call_id,
            leg=self.leg,
            direction=self.direction,
            contract=self.contract,
            device=self.device,
            trunk=self.trunk,
            caller=_readable(self.caller),
            called=_readable(self.called),
            started_at=self.started_at,
            ringing_at=self.ringing_at,
            answered_at=self.answered_at,
            ended_at=ended,
            status=self.status,
            cause=(self.cause or Cause.FAILED).value,
            released_by=self.released_by,
            sip_call_id=_readable(self.sip_call_id),
            media=msgspec.json.encode(self.counters).decode(),
            trace=trace,
        )


def _readable(text: str) -> str:
    """Return the text without octets that are no UTF-8.

    No database takes those, and a caller who sends them must not escape the record.
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
