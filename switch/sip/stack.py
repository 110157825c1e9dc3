"""The face that the SIP stack shows its transaction users (RFC 3261 section 5).

What they share, and nothing else.

Transaction users (legs, the registrar, the trunks) ask the stack for transactions, timers and
plain transmissions; what leaves is collected and handed out once a turn. The stack does no I/O and
is told the time.
"""

from collections.abc import Sequence
from typing import Protocol

from switch.sip import uac, uas
from switch.sip.effect import (
    Acknowledged,
    Cancelled,
    ClientKey,
    FailureCause,
    LayerEffect,
    RequestFailed,
    ResponseFailed,
    ResponseReceived,
    ServerKey,
    Transmit,
)
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.timer import Deadlines, TimerValues
from switch.sip.token import Tokens
from switch.sip.transaction.layer import TransactionLayer
from switch.value import Atom

MAX_TRANSACTIONS = 200_000
"""Live transactions: ten minutes of a flood at the layer's own pace, below 400 MB."""


_Told = ResponseReceived | RequestFailed | Cancelled | ResponseFailed | Acknowledged
"""What the owner of a transaction, or of a dialog, is told."""


class TimerUser(Protocol):
    """Whoever owns timers."""

    def expire(self, timer: str) -> None:
        """Learn that a timer of one's own is due."""


class TransactionUser(TimerUser, Protocol):
    """Whoever owns transactions and timers."""

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take a response to a request of one's own."""

    def fail_request(self, key: ClientKey, request: Request, cause: FailureCause, /) -> None:
        """Learn that no final response will come."""

    def fail_response(self, key: ServerKey, cause: FailureCause, /) -> None:
        """Learn that a final response was never acknowledged, or could not be sent."""

    def receive_cancel(self, key: ServerKey, cancel: Request, /) -> None:
        """Learn that the INVITE was cancelled."""


class DialogUsage(Protocol):
    """Whoever owns dialogs (RFC 5057)."""

    @property
    def device(self) -> str:
        """The user name of the device at the far side; empty for a carrier."""

    @property
    def flow(self) -> Flow:
        """The flow on which the far side is reached."""

    def receive_request(self, request: Request, flow: Flow) -> None:
        """Take a request inside a dialog that no transaction knew."""


class Listener(Atom, frozen=True, gc=False):
    """One of our own sockets.

    How flows name it, and how Via and Contact name it to the far side.
    """

    transport: Transport
    local: Address
    advertised: Address


class Stack:
    """Transactions, timers and outputs of one turn, for every transaction user."""

    def __init__(self, listeners: Sequence[Listener], tokens: Tokens, values: TimerValues) -> None:
        self.now = 0.0
        self.tokens = tokens
        self.values = values
        self.out: list[object] = []
        self.layer = TransactionLayer(values, limit=MAX_TRANSACTIONS)
        self._usages: dict[str, DialogUsage] = {}
        self._deadlines: Deadlines[tuple[TimerUser, str]] = Deadlines()
        self._listeners = {(each.transport, each.local): each for each in listeners}
        self._ordered = tuple(listeners)

    # Listeners

    def listener(self, flow: Flow) -> Listener:
        """Return the listener that a flow belongs to."""
        known = self._listeners.get((flow.transport, flow.local))
        return known or Listener(flow.transport, flow.local, flow.local)

    def flow_to(self, transport: Transport, remote: Address) -> Flow | None:
        """Name a flow to an address from our own listener of that transport and family.

        None without one.
        """
        for each in self._ordered:
            if each.transport is transport and each.local.is_ipv6 == remote.is_ipv6:
                return Flow(transport, each.local, remote)
        return None

    def via(self, flow: Flow) -> str:
        """Write a fresh Via for a request on this flow."""
        return uac.new_via(flow, self.listener(flow).advertised, self.tokens.branch())

    def contact(self, flow: Flow, user: str = "") -> str:
        """Write our Contact as the far side of this flow can reach it."""
        at = self.listener(flow).advertised
        owner = f"{user}@" if user else ""
        transport = "" if flow.transport is Transport.UDP else f";transport={flow.transport.value}"
        return f"<sip:{owner}{at}{transport}>"

    # Requests and responses

    def request(self, request: Request, flow: Flow, owner: TransactionUser) -> ClientKey:
        """Start a client transaction."""
        self.perform(self.layer.request(request, flow, owner, self.now))
        return ClientKey(request.branch, request.method)

    def cancel(self, key: ClientKey, reason: str | None = None) -> None:
        """Cancel an INVITE of ours.

        At once or as soon as the far side has answered provisionally.
        """
        fields = [("Reason", reason)] if reason is not None else []
        self.perform(self.layer.cancel(key, self.now, fields))

    def accept(self, request: Request, flow: Flow, owner: TransactionUser | None) -> ServerKey:
        """Create the server transaction of a new request."""
        return self.layer.accept(request, flow, owner, self.now)

    def respond(self, key: ServerKey, response: Response) -> None:
        """Answer a request through its transaction."""
        self.perform(self.layer.respond(key, response, self.now))

    def transmit(self, message: Request | Response, flow: Flow) -> None:
        """Send a message that belongs to no transaction: the ACK of a 2xx, a stateless response."""
        self.out.append(Transmit(message.octets(), flow))

    def transmit_octets(self, octets: bytes, flow: Flow) -> None:
        """Send octets that were sent before: the ACK of a repeated 2xx."""
        self.out.append(Transmit(octets, flow))

    def refuse(
        self, request: Request, flow: Flow, status: int, fields: Sequence[Field] = ()
    ) -> None:
        """Answer a request statelessly: nothing is kept, and a repetition is answered alike."""
        if request.method != "ACK":
            tag = uas.stateless_tag(request)
            self.transmit(uas.respond(request, status, to_tag=tag, fields=fields), flow)

    # Dialog usages

    def keep_usage(self, local_tag: str, usage: DialogUsage) -> None:
        """Send requests inside a dialog with this tag of ours to the usage."""
        self._usages[local_tag] = usage

    def forget_usage(self, local_tag: str) -> None:
        """Answer requests with this tag of ours with 481 from now on."""
        self._usages.pop(local_tag, None)

    def usage(self, local_tag: str) -> DialogUsage | None:
        """Return the usage that owns the dialogs with this tag of ours."""
        return self._usages.get(local_tag)

    @property
    def usage_count(self) -> int:
        """How many dialog usages are kept."""
        return len(self._usages)

    # Timers

    def set_timer(self, owner: TimerUser, timer: str, delay: float) -> None:
        """Make a timer of the owner due after so many seconds."""
        self._deadlines.set((owner, timer), self.now + delay)

    def cancel_timer(self, owner: TimerUser, timer: str) -> None:
        """Disarm a timer of the owner."""
        self._deadlines.cancel((owner, timer))

    def next_deadline(self) -> float | None:
        """Return when the earliest timer, of a transaction or of a user, falls."""
        mine, layers = self._deadlines.next(), self.layer.next_deadline()
        if mine is None or layers is None:
            return layers if mine is None else mine
        return min(mine, layers)

    def expire(self) -> None:
        """Run every timer that is due."""
        self.perform(self.layer.expire(self.now))
        while (due := self._deadlines.pop_due(self.now)) is not None:
            owner, timer = due
            owner.expire(timer)

    @property
    def pending_timers(self) -> int:
        """How many timers of transaction users run."""
        return len(self._deadlines)

    # The transaction layer's voice

    def perform(self, effects: Sequence[LayerEffect]) -> None:
        """Pass on what the transaction layer says: octets out, the rest to the owners."""
        for effect in effects:
            if isinstance(effect, Transmit):
                self.out.append(effect)
            else:
                self._tell(effect)

    def _tell(self, effect: _Told) -> None:
        match effect:
            case ResponseReceived(owner, key, response, flow):
                _user(owner).receive_response(key, response, flow)
            case RequestFailed(owner, key, request, cause):
                _user(owner).fail_request(key, request, cause)
            case Cancelled(owner, server_key, cancel):
                _user(owner).receive_cancel(server_key, cancel)
            case ResponseFailed(owner, server_key, cause) if owner is not None:
                _user(owner).fail_response(server_key, cause)
            case ResponseFailed():
                pass
            case _:
                usage = self._usages.get(effect.request.to_tag)
                if usage is not None:
                    usage.receive_request(effect.request, effect.flow)


def _user(owner: object) -> TransactionUser:
    return owner  # type: ignore[return-value]  # the layer keeps owners without knowing them
