"""The INVITE client transaction (RFC 3261 section 17.1.1, figure 5, and RFC 6026).

Each 2xx is delivered, for the transaction user acknowledges it; any other final response is
acknowledged here.
"""

from enum import Enum

from switch.sip.effect import (
    CancelTimer,
    Deliver,
    Fail,
    FailureCause,
    MachineEffect,
    Send,
    SetTimer,
    StartCancel,
    Terminate,
)
from switch.sip.message import Request, Response
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.hop import acknowledge


class State(Enum):
    """The states of figure 5 and RFC 6026."""

    CALLING = "calling"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class ClientInviteTransaction:
    """One INVITE on its way to a final response."""

    __slots__ = (
        "_ack",
        "_cancelling",
        "_octets",
        "_reliable",
        "_retransmit_after",
        "_values",
        "invite",
        "state",
    )

    def __init__(self, invite: Request, *, reliable: bool, values: TimerValues) -> None:
        self.state = State.CALLING
        self.invite = invite
        self._octets = invite.octets()
        self._ack = b""
        self._reliable = reliable
        self._values = values
        self._retransmit_after = values.t1
        self._cancelling = False

    def start(self) -> list[MachineEffect]:
        """Send the INVITE; arm timer B, and on an unreliable transport timer A."""
        effects: list[MachineEffect] = [Send(self._octets)]
        if not self._reliable:
            effects.append(SetTimer(Timer.A, self._retransmit_after))
        effects.append(SetTimer(Timer.B, self._values.transaction_timeout))
        return effects

    def receive(self, response: Response) -> list[MachineEffect]:  # noqa: PLR0911 - the figure's rows
        """Handle a response that matched this transaction."""
        match self.state, response.status_class:
            case State.CALLING, 1:
                self.state = State.PROCEEDING
                if self._cancelling:
                    return [*_STOP_CALLING, *self._start_cancel(), _DELIVER]
                return [*_STOP_CALLING, _DELIVER]
            case State.PROCEEDING, 1:
                return [_DELIVER]
            case ((State.CALLING | State.PROCEEDING), 2):
                stopped = self._stop_waiting()
                self.state = State.ACCEPTED
                return [*stopped, SetTimer(Timer.M, self._values.transaction_timeout), _DELIVER]
            case ((State.CALLING | State.PROCEEDING), _):
                return self._complete(response)
            case State.ACCEPTED, 2:
                return [_DELIVER]
            case State.COMPLETED, (3 | 4 | 5 | 6):
                return [Send(self._ack)]
            case _:
                return []

    def cancel(self) -> list[MachineEffect]:
        """Give the INVITE up: a CANCEL leaves now, or with the first provisional response (9.1)."""
        if self._cancelling or self.state not in {State.CALLING, State.PROCEEDING}:
            return []
        self._cancelling = True
        return self._start_cancel() if self.state is State.PROCEEDING else []

    def expire(self, timer: Timer) -> list[MachineEffect]:
        """Handle a timer that this transaction set."""
        match self.state, timer:
            case State.CALLING, Timer.A:
                self._retransmit_after *= 2
                return [Send(self._octets), SetTimer(Timer.A, self._retransmit_after)]
            case State.CALLING, Timer.B:
                self.state = State.TERMINATED
                return [*_STOP_A, Fail(FailureCause.TIMEOUT), _TERMINATE]
            case State.PROCEEDING, Timer.CANCELLED:
                self.state = State.TERMINATED
                return [Fail(FailureCause.TIMEOUT), _TERMINATE]
            case (State.ACCEPTED, Timer.M) | (State.COMPLETED, Timer.D):
                self.state = State.TERMINATED
                return [_TERMINATE]
            case _:
                return []

    def lose_transport(self) -> list[MachineEffect]:
        """Handle the transport's report that a message could not be sent."""
        match self.state:
            case State.CALLING:
                self.state = State.TERMINATED
                return [*_STOP_CALLING, Fail(FailureCause.TRANSPORT), _TERMINATE]
            case State.COMPLETED:
                # The figure tells the transaction user once more, which already has its final
                # response: an ACK that got lost is no second outcome.
                self.state = State.TERMINATED
                return [CancelTimer(Timer.D), _TERMINATE]
            case _:
                return []

    def _complete(self, response: Response) -> list[MachineEffect]:
        """Acknowledge a failure and wait for its retransmissions where there can be any."""
        stopped = self._stop_waiting()
        self._ack = acknowledge(self.invite, response).octets()
        if self._reliable:
            self.state = State.TERMINATED
            return [*stopped, Send(self._ack), _DELIVER, _TERMINATE]
        self.state = State.COMPLETED
        return [*stopped, Send(self._ack), SetTimer(Timer.D, self._values.timer_d), _DELIVER]

    def _start_cancel(self) -> list[MachineEffect]:
        return [StartCancel(), SetTimer(Timer.CANCELLED, self._values.transaction_timeout)]

    def _stop_waiting(self) -> tuple[MachineEffect, ...]:
        """Name the timers that run, and let go of the octets, which are not sent again."""
        self._octets = b""
        if self.state is State.CALLING:
            return _STOP_CALLING
        return _STOP_CANCELLED if self._cancelling else ()


_DELIVER = Deliver()
_TERMINATE = Terminate()
_STOP_A = (CancelTimer(Timer.A),)
_STOP_CALLING = (CancelTimer(Timer.A), CancelTimer(Timer.B))
_STOP_CANCELLED = (CancelTimer(Timer.CANCELLED),)
