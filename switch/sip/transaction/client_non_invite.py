"""The non-INVITE client transaction (RFC 3261 section 17.1.2, figure 6)."""

from enum import Enum

from switch.sip.effect import (
    CancelTimer,
    Deliver,
    Fail,
    FailureCause,
    MachineEffect,
    Send,
    SetTimer,
    Terminate,
)
from switch.sip.message import Request, Response
from switch.sip.timer import Timer, TimerValues


class State(Enum):
    """The states of figure 6."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class ClientNonInviteTransaction:
    """One request other than INVITE and ACK on its way to a final response."""

    __slots__ = ("_octets", "_reliable", "_retransmit_after", "_values", "state")

    def __init__(self, request: Request, *, reliable: bool, values: TimerValues) -> None:
        self.state = State.TRYING
        self._octets = request.octets()
        self._reliable = reliable
        self._values = values
        self._retransmit_after = values.t1

    def start(self) -> list[MachineEffect]:
        """Send the request; arm timer F, and on an unreliable transport timer E."""
        effects: list[MachineEffect] = [Send(self._octets)]
        if not self._reliable:
            effects.append(SetTimer(Timer.E, self._retransmit_after))
        effects.append(SetTimer(Timer.F, self._values.transaction_timeout))
        return effects

    def receive(self, response: Response) -> list[MachineEffect]:
        """Handle a response that matched this transaction."""
        match self.state, response.status_class:
            case ((State.TRYING | State.PROCEEDING), 1):
                self.state = State.PROCEEDING
                return [_DELIVER]
            case ((State.TRYING | State.PROCEEDING), _):
                return self._complete()
            case _:
                return []

    def expire(self, timer: Timer) -> list[MachineEffect]:
        """Handle a timer that this transaction set."""
        match self.state, timer:
            case State.TRYING, Timer.E:
                self._retransmit_after = min(2 * self._retransmit_after, self._values.t2)
                return [Send(self._octets), SetTimer(Timer.E, self._retransmit_after)]
            case State.PROCEEDING, Timer.E:
                return [Send(self._octets), SetTimer(Timer.E, self._values.t2)]
            case ((State.TRYING | State.PROCEEDING), Timer.F):
                self.state = State.TERMINATED
                return [*_STOP_E, Fail(FailureCause.TIMEOUT), _TERMINATE]
            case State.COMPLETED, Timer.K:
                self.state = State.TERMINATED
                return [_TERMINATE]
            case _:
                return []

    def lose_transport(self) -> list[MachineEffect]:
        """Handle the transport's report that a message could not be sent."""
        if self.state not in {State.TRYING, State.PROCEEDING}:
            return []
        self.state = State.TERMINATED
        return [*_STOP_WAITING, Fail(FailureCause.TRANSPORT), _TERMINATE]

    def _complete(self) -> list[MachineEffect]:
        """Take the final response, and wait for its retransmissions where there can be any."""
        self._octets = b""
        if self._reliable:
            self.state = State.TERMINATED
            return [*_STOP_WAITING, _DELIVER, _TERMINATE]
        self.state = State.COMPLETED
        return [*_STOP_WAITING, SetTimer(Timer.K, self._values.t4), _DELIVER]


_DELIVER = Deliver()
_TERMINATE = Terminate()
_STOP_E = (CancelTimer(Timer.E),)
_STOP_WAITING = (CancelTimer(Timer.E), CancelTimer(Timer.F))
