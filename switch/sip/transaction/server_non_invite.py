"""The non-INVITE server transaction (RFC 3261 section 17.2.2, figure 8, as RFC 4320 amends it).

The only provisional response is 100, and it comes late: before timer E of the client has reached T2
it would do harm. 408 is never sent, since the client has then given up by itself.
"""

from enum import Enum

from switch.sip.effect import (
    CancelTimer,
    Fail,
    FailureCause,
    MachineEffect,
    Send,
    SetTimer,
    Terminate,
)
from switch.sip.message import Request, Response
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.hop import trying


class State(Enum):
    """The states of figure 8."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class ServerNonInviteTransaction:
    """One request other than INVITE and ACK that waits for our final response."""

    __slots__ = ("_octets", "_reliable", "_request", "_values", "state")

    def __init__(self, request: Request, *, reliable: bool, values: TimerValues) -> None:
        self.state = State.TRYING
        self._request: Request | None = request  # until the first response, for the 100
        self._octets = b""
        self._reliable = reliable
        self._values = values

    def start(self) -> list[MachineEffect]:
        """Arm the late 100; and timer J, for after 64*T1 nobody waits for a response any more."""
        values = self._values
        return [
            SetTimer(Timer.TRYING, values.late_trying),
            SetTimer(Timer.J, values.transaction_timeout),
        ]

    def receive(self) -> list[MachineEffect]:
        """Handle a retransmission of the request: repeat what was said last."""
        return [Send(self._octets)] if self._octets else []

    def respond(self, response: Response) -> list[MachineEffect]:
        """Send the transaction user's final response; provisional ones are discarded (RFC 4320)."""
        if self.state not in {State.TRYING, State.PROCEEDING} or response.status_class == 1:
            return []
        effects: list[MachineEffect] = [] if self._request is None else [_STOP_TRYING]
        self._request = None
        self._octets = b""
        if response.status != 408:
            self._octets = response.octets()
            effects.append(Send(self._octets))
        if self._reliable:
            self.state = State.TERMINATED
            return [*effects, _STOP_J, _TERMINATE]
        self.state = State.COMPLETED
        return [*effects, SetTimer(Timer.J, self._values.transaction_timeout)]

    def expire(self, timer: Timer) -> list[MachineEffect]:
        """Handle a timer that this transaction set."""
        match self.state, timer:
            case State.TRYING, Timer.TRYING if self._request is not None:
                self.state = State.PROCEEDING
                self._octets = trying(self._request).octets()
                self._request = None
                return [Send(self._octets)]
            case ((State.TRYING | State.PROCEEDING | State.COMPLETED), Timer.J):
                self.state = State.TERMINATED
                return [_STOP_TRYING, _TERMINATE]
            case _:
                return []

    def lose_transport(self) -> list[MachineEffect]:
        """Handle that a response could not be sent: tell, and stay (RFC 6026 section 8.9)."""
        return [] if self.state is State.TERMINATED else [Fail(FailureCause.TRANSPORT)]


_TERMINATE = Terminate()
_STOP_TRYING = CancelTimer(Timer.TRYING)
_STOP_J = CancelTimer(Timer.J)
