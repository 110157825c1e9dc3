"""The INVITE server transaction (RFC 3261 section 17.2.1, figure 7, and RFC 6026).

The transaction user retransmits its 2xx until the ACK comes; any other final response is
retransmitted here.
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
    Terminate,
)
from switch.sip.message import Request, Response
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.hop import trying


class State(Enum):
    """The states of figure 7 and RFC 6026."""

    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class ServerInviteTransaction:
    """One INVITE that waits for our final response, and for what acknowledges it."""

    __slots__ = ("_invite", "_octets", "_reliable", "_retransmit_after", "_values", "state")

    def __init__(self, invite: Request, *, reliable: bool, values: TimerValues) -> None:
        self.state = State.PROCEEDING
        self._invite: Request | None = invite  # until the first response, for the 100
        self._octets = b""  # of the last response, unless that was a 2xx or is acknowledged
        self._reliable = reliable
        self._values = values
        self._retransmit_after = values.t1

    @property
    def is_undecided(self) -> bool:
        """Whether a CANCEL still means something: no final response has been given (9.2)."""
        return self.state is State.PROCEEDING

    def start(self) -> list[MachineEffect]:
        """Let the transaction user answer within 200 ms before 100 is sent for it."""
        return [SetTimer(Timer.TRYING, self._values.trying)]

    def receive(self) -> list[MachineEffect]:
        """Handle a retransmission of the INVITE: repeat what was said last, but never a 2xx."""
        return [Send(self._octets)] if self._octets else []

    def receive_ack(self) -> list[MachineEffect]:
        """Handle an ACK that matched this transaction."""
        match self.state:
            case State.COMPLETED if self._reliable:
                self.state = State.TERMINATED
                return [*_STOP_COMPLETED, _TERMINATE]
            case State.COMPLETED:
                self.state = State.CONFIRMED
                self._octets = b""
                return [*_STOP_COMPLETED, SetTimer(Timer.I, self._values.t4)]
            case State.ACCEPTED:
                return [_DELIVER]
            case _:
                return []

    def respond(self, response: Response) -> list[MachineEffect]:
        """Send the transaction user's response; what follows a final one is discarded."""
        match self.state, response.status_class:
            case State.PROCEEDING, 1:
                stopped = self._stop_trying()
                self._octets = response.octets()
                return [*stopped, Send(self._octets)]
            case State.PROCEEDING, 2:
                stopped = self._stop_trying()
                self._octets = b""
                self.state = State.ACCEPTED
                timer_l = SetTimer(Timer.L, self._values.transaction_timeout)
                return [*stopped, Send(response.octets()), timer_l]
            case State.PROCEEDING, _:
                return self._complete(response)
            case State.ACCEPTED, 2:
                return [Send(response.octets())]
            case _:
                return []

    def expire(self, timer: Timer) -> list[MachineEffect]:
        """Handle a timer that this transaction set."""
        match self.state, timer:
            case State.PROCEEDING, Timer.TRYING if self._invite is not None:
                self._octets = trying(self._invite).octets()
                self._invite = None
                return [Send(self._octets)]
            case State.COMPLETED, Timer.G:
                self._retransmit_after = min(2 * self._retransmit_after, self._values.t2)
                return [Send(self._octets), SetTimer(Timer.G, self._retransmit_after)]
            case State.COMPLETED, Timer.H:
                self.state = State.TERMINATED
                return [*_STOP_G, Fail(FailureCause.TIMEOUT), _TERMINATE]
            case (State.CONFIRMED, Timer.I) | (State.ACCEPTED, Timer.L):
                self.state = State.TERMINATED
                return [_TERMINATE]
            case _:
                return []

    def lose_transport(self) -> list[MachineEffect]:
        """Handle that a response could not be sent: tell, and stay (RFC 6026 section 8.9)."""
        if self.state in {State.PROCEEDING, State.COMPLETED, State.ACCEPTED}:
            return [Fail(FailureCause.TRANSPORT)]
        return []

    def _complete(self, response: Response) -> list[MachineEffect]:
        """Send a failure until it is acknowledged."""
        stopped = self._stop_trying()
        self.state = State.COMPLETED
        self._octets = response.octets()
        timer_h = SetTimer(Timer.H, self._values.transaction_timeout)
        if self._reliable:
            return [*stopped, Send(self._octets), timer_h]
        timer_g = SetTimer(Timer.G, self._retransmit_after)
        return [*stopped, Send(self._octets), timer_g, timer_h]

    def _stop_trying(self) -> tuple[MachineEffect, ...]:
        """Disarm the 100 if it is still to come, and let go of the INVITE it is made from."""
        if self._invite is None:
            return ()
        self._invite = None
        return _STOP_TRYING


_DELIVER = Deliver()
_TERMINATE = Terminate()
_STOP_TRYING = (CancelTimer(Timer.TRYING),)
_STOP_G = (CancelTimer(Timer.G),)
_STOP_COMPLETED = (CancelTimer(Timer.G), CancelTimer(Timer.H))
