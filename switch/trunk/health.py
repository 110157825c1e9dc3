"""A trunk's health: whether it is worth sending a call to (RFC 3261 section 21.5.4).

Three witnesses are heard: pings, our registration, and the calls themselves. A trunk whose calls
fail rests for a while; it is asked again by the first call after that.
"""

REST = 30.0
"""Seconds of rest after calls failed."""

MAX_REST = 300.0
"""A carrier's Retry-After is obeyed up to five minutes."""

FAILURES_TO_REST = 2
"""Timeouts in a row until the trunk rests: one may be the number's fault."""

OVERLOAD_STATUS = 503
FAILING_STATUSES = frozenset({408, 430, 500, 502, OVERLOAD_STATUS, 504})
"""Statuses that speak against the carrier; all others speak of the called party."""


class Health:
    """Weighs what is known of one trunk."""

    def __init__(self, *, registers: bool) -> None:
        self.is_answering = True
        """What pings say; a carrier that is not pinged counts as answering."""
        self.is_registered = not registers
        """What our registration says; a carrier that wants none counts as registered."""
        self._rests_until = 0.0
        self._failures = 0

    def is_up(self, now: float) -> bool:
        """Whether a call may be sent to the trunk now."""
        return self.is_answering and self.is_registered and now >= self._rests_until

    def reason(self, now: float) -> str:
        """Say why the trunk is down; empty when it is up."""
        if not self.is_answering:
            return "does not answer"
        if not self.is_registered:
            return "not registered"
        return "rests after failed calls" if now < self._rests_until else ""

    def succeed(self) -> None:
        """Learn that the carrier took a call, or refused it for the called party's sake."""
        self._failures = 0
        self._rests_until = 0.0

    def fail(self, now: float, status: int | None, retry_after: float = 0.0) -> float:
        """Learn how a call failed (no status: no answer at all); return the seconds of rest."""
        if status is not None and status not in FAILING_STATUSES:
            self.succeed()
            return 0.0
        self._failures += 1
        if status != OVERLOAD_STATUS and self._failures < FAILURES_TO_REST:
            return 0.0
        self._failures = 0
        rest = min(max(retry_after, REST), MAX_REST)
        self._rests_until = now + rest
        return rest

    def __repr__(self) -> str:
        return (
            f"<Health answering={self.is_answering} registered={self.is_registered} "
            f"failures={self._failures}>"
        )
