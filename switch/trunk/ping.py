"""OPTIONS pings (RFC 3261 section 11): whether a carrier's next hop answers, with hysteresis."""

from enum import Enum

from switch.sip.token import Tokens
from switch.trunk.effect import Arm, Became, Disarm, StartPing, TrunkEffect, TrunkTimer

PATIENCE = 5.0
"""An OPTIONS that is unanswered for so long is missed: over UDP it was sent four times by then."""

DOWN_AFTER = 2
"""Misses in a row until a carrier counts as down: one may be an accident."""

UP_AFTER = 2
"""Answers in a row until it counts as up again: a carrier in a restart answers and falls silent."""

SILENT_STATUSES = frozenset({408, 503})
"""Answers that a proxy gives when what is behind it is away: as good as none."""


class State(Enum):
    """What the machine waits for."""

    IDLE = "idle"
    RESTING = "resting"
    """The next OPTIONS is due by timer."""
    ASKING = "asking"
    """An OPTIONS is on its way."""
    ENDED = "ended"


class PingMachine:
    """Asks a carrier every so often whether it is there; it counts as up until it is found down."""

    def __init__(self, interval: float, tokens: Tokens) -> None:
        self.state = State.IDLE
        self.is_up = True
        self._interval = interval
        self._tokens = tokens
        self._contrary = 0
        """Results in a row that speak against `is_up`."""

    def start(self) -> list[TrunkEffect]:
        """Begin with an OPTIONS at once."""
        return self._ask()

    def answer(self, status: int) -> list[TrunkEffect]:
        """Take a final response: any but a proxy's excuse says that the carrier lives."""
        if self.state is not State.ASKING:
            return []
        return self._rest(heard=status not in SILENT_STATUSES, reason=f"status {status}")

    def fail(self, reason: str) -> list[TrunkEffect]:
        """Learn that no response will come."""
        return self._rest(heard=False, reason=reason) if self.state is State.ASKING else []

    def expire(self) -> list[TrunkEffect]:
        """Handle the ping timer."""
        match self.state:
            case State.ASKING:
                return self._rest(heard=False, reason="no answer")
            case State.RESTING:
                return self._ask()
            case _:
                return []

    def stop(self) -> list[TrunkEffect]:
        """End; an answer that still comes says nothing."""
        self.state = State.ENDED
        return [Disarm(TrunkTimer.PING)]

    def _ask(self) -> list[TrunkEffect]:
        self.state = State.ASKING
        return [StartPing(), Arm(TrunkTimer.PING, PATIENCE)]

    def _rest(self, *, heard: bool, reason: str) -> list[TrunkEffect]:
        self.state = State.RESTING
        # Jitter, so that many switches do not ask the same carrier in step.
        pause = self._interval * self._tokens.uniform(0.9, 1.1)
        return [Arm(TrunkTimer.PING, pause), *self._weigh(heard=heard, reason=reason)]

    def _weigh(self, *, heard: bool, reason: str) -> list[TrunkEffect]:
        if heard is self.is_up:
            self._contrary = 0
            return []
        self._contrary += 1
        if self._contrary < (UP_AFTER if heard else DOWN_AFTER):
            return []
        self._contrary = 0
        self.is_up = heard
        return [Became(heard, reason)]

    def __repr__(self) -> str:
        return f"<PingMachine {self.state.name} {'up' if self.is_up else 'down'}>"
