"""The transaction layer: matches messages to machines, performs what these ask (RFC 3261 17).

It keeps one heap of deadlines for all machines and is told the time. What concerns the transaction
user, and what goes to a socket, it returns.
"""

from collections.abc import Sequence

from switch.sip.effect import (
    Acknowledged,
    Cancelled,
    CancelTimer,
    ClientKey,
    Deliver,
    Fail,
    FailureCause,
    LayerEffect,
    MachineEffect,
    RequestFailed,
    ResponseFailed,
    ResponseReceived,
    Send,
    ServerKey,
    SetTimer,
    StartCancel,
    Terminate,
    Transmit,
)
from switch.sip.errors import LocalProtocolError
from switch.sip.flow import Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.timer import Deadlines, Timer, TimerValues
from switch.sip.transaction.client_invite import ClientInviteTransaction
from switch.sip.transaction.client_non_invite import ClientNonInviteTransaction
from switch.sip.transaction.hop import cancel as build_cancel
from switch.sip.transaction.hop import echo, response_flow, stateless_tag
from switch.sip.transaction.key import (
    MergeKey,
    cancelled_key,
    client_key,
    merge_key,
    outside_dialog,
    server_key,
)
from switch.sip.transaction.server_invite import ServerInviteTransaction
from switch.sip.transaction.server_non_invite import ServerNonInviteTransaction

DEFAULT_LIMIT = 100_000
"""Live transactions. One lingers for 32 s and weighs 3 kB: 3,000 new ones a second in 300 MB."""


class _Server:
    """A server transaction: its machine, and what the layer must know to perform for it."""

    __slots__ = ("flow", "key", "machine", "merge_key", "owner", "to_tag")

    def __init__(
        self, key: ServerKey, machine: "_ServerMachine", flow: Flow, owner: object
    ) -> None:
        self.key = key
        self.machine = machine
        self.flow = flow
        self.owner = owner
        self.merge_key: MergeKey | None = None
        self.to_tag = ""

    def failed(self, cause: FailureCause) -> LayerEffect | None:
        """Tell the owner that a response was not acknowledged or not sent."""
        if self.owner is _LAYER:
            return None
        return ResponseFailed(self.owner, self.key, cause)


class _Client:
    """A client transaction: its machine, and what the layer must know to perform for it."""

    __slots__ = ("cancel_fields", "flow", "key", "machine", "owner", "request")

    def __init__(
        self, key: ClientKey, machine: "_ClientMachine", request: Request, flow: Flow, owner: object
    ) -> None:
        self.key = key
        self.machine = machine
        self.request = request
        self.flow = flow
        self.owner = owner
        self.cancel_fields: Sequence[Field] = ()

    def failed(self, cause: FailureCause) -> LayerEffect | None:
        """Tell the owner that no final response will come."""
        if self.owner is _LAYER:
            return None
        return RequestFailed(self.owner, self.key, self.request, cause)


_ServerMachine = ServerInviteTransaction | ServerNonInviteTransaction
_ClientMachine = ClientInviteTransaction | ClientNonInviteTransaction
_Transaction = _Server | _Client

_LAYER = object()
"""The owner of the CANCELs that the layer sends and answers: nobody hears how they end."""


class TransactionLayer:
    """All transactions of one process."""

    def __init__(self, values: TimerValues, *, limit: int = DEFAULT_LIMIT) -> None:
        self._values = values
        self._limit = limit
        self._servers: dict[ServerKey, _Server] = {}
        self._clients: dict[ClientKey, _Client] = {}
        self._merges: dict[MergeKey, ServerKey] = {}
        self._on_flow: dict[Flow, dict[_Transaction, None]] = {}
        self._deadlines: Deadlines[tuple[_Transaction, Timer]] = Deadlines()
        self._ended: _Client | None = None  # for `sent`

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    def __repr__(self) -> str:
        return f"<TransactionLayer {len(self._servers)} server, {len(self._clients)} client>"

    @property
    def is_full(self) -> bool:
        """Whether no new server transaction is accepted; our own requests are never refused.

        They are bounded by what was accepted, and refusing a BYE would only leave more behind.
        """
        return len(self) >= self._limit

    # Server transactions

    def receive_request(self, request: Request, flow: Flow, now: float) -> list[LayerEffect] | None:
        """Give a request to its transaction; None when it has none and the core must decide."""
        if request.method == "ACK":
            return self._receive_ack(request, flow, now)
        found = self._servers.get(server_key(request))
        if found is not None:
            self._follow_sender(found, request, flow)
            return self._perform(found, found.machine.receive(), now)
        if request.method == "CANCEL":
            return self._receive_cancel(request, flow, now)
        return None

    def is_merged(self, request: Request) -> bool:
        """Tell whether a new request is a copy, by another path, of one in hand (8.2.2.2)."""
        shared = merge_key(request)
        if shared is None:
            return False
        first = self._merges.get(shared)
        return first is not None and first != server_key(request)

    def accept(self, request: Request, flow: Flow, owner: object, now: float) -> ServerKey:
        """Create a new request's transaction; raise `LocalProtocolError` when there is no room."""
        if self.is_full:
            raise LocalProtocolError("the transaction layer is full")
        if request.method == "ACK":
            raise LocalProtocolError("an ACK has no transaction of its own")
        key = server_key(request)
        if key in self._servers:
            raise LocalProtocolError("the request has a transaction already")
        reliable = flow.transport is not Transport.UDP
        machine: _ServerMachine
        if request.method == "INVITE":
            machine = ServerInviteTransaction(request, reliable=reliable, values=self._values)
        else:
            machine = ServerNonInviteTransaction(request, reliable=reliable, values=self._values)
        server = _Server(key, machine, response_flow(request, flow), owner)
        self._servers[key] = server
        self._join_flow(server)
        shared = merge_key(request)
        if shared is not None and shared not in self._merges:
            self._merges[shared] = key
            server.merge_key = shared
        self._perform(server, machine.start(), now)
        return key

    def set_owner(self, key: ServerKey, owner: object) -> None:
        """Make `owner` hear of this server transaction; one that is gone is no fault."""
        server = self._servers.get(key)
        if server is not None:
            server.owner = owner

    def respond(self, key: ServerKey, response: Response, now: float) -> list[LayerEffect]:
        """Send the owner's response; one that is not due any more is discarded."""
        server = self._servers.get(key)
        if server is None:
            return []
        if not server.to_tag and server.key.method == "INVITE" and response.status > 100:
            server.to_tag = response.to_tag
        if response.status_class > 2:
            # From now on a copy gets the same refusal; and a client that repeats a challenged
            # request with its old CSeq is wrong but not merged.
            self._forget_merge(server)
        return self._perform(server, server.machine.respond(response), now)

    # Client transactions

    def request(self, request: Request, flow: Flow, owner: object, now: float) -> list[LayerEffect]:
        """Start a client transaction; its key is `client_key(request)`."""
        if request.method == "ACK":
            raise LocalProtocolError("an ACK has no transaction of its own")
        key = client_key(request)
        if key in self._clients:
            raise LocalProtocolError("the branch is in use")
        reliable = flow.transport is not Transport.UDP
        machine: _ClientMachine
        if request.method == "INVITE":
            machine = ClientInviteTransaction(request, reliable=reliable, values=self._values)
        else:
            machine = ClientNonInviteTransaction(request, reliable=reliable, values=self._values)
        client = _Client(key, machine, request, flow, owner)
        self._clients[key] = client
        self._join_flow(client)
        return self._perform(client, machine.start(), now)

    def cancel(self, key: ClientKey, now: float, fields: Sequence[Field] = ()) -> list[LayerEffect]:
        """Cancel an INVITE: the CANCEL leaves now, or with the first provisional response (9.1).

        `fields` are the CANCEL's own, such as Reason; its responses are nobody's business. When no
        final response comes within 64*T1 the INVITE fails by timeout. An INVITE that already has
        its final response is left alone.
        """
        client = self._clients.get(key)
        if client is None or not isinstance(client.machine, ClientInviteTransaction):
            return []
        client.cancel_fields = fields
        return self._perform(client, client.machine.cancel(), now)

    def sent(self, key: ClientKey) -> Request | None:
        """Return a client transaction's request, also of one that the last response has ended."""
        client = self._clients.get(key)
        if client is None and self._ended is not None and self._ended.key == key:
            client = self._ended
        return None if client is None else client.request

    def receive_response(self, response: Response, flow: Flow, now: float) -> list[LayerEffect]:
        """Give a response to its transaction; a stray vanishes (18.1.2)."""
        client = self._clients.get(client_key(response))
        if client is None:
            return []
        effects = client.machine.receive(response)
        if client.owner is _LAYER:
            return self._perform(client, effects, now)
        delivery = ResponseReceived(client.owner, client.key, response, flow)
        return self._perform(client, effects, now, delivery)

    # Both

    def lose_transport(self, flow: Flow, now: float) -> list[LayerEffect]:
        """Tell every transaction on a flow that it can't be used any more."""
        out: list[LayerEffect] = []
        for transaction in list(self._on_flow.get(flow, ())):
            out += self._perform(transaction, transaction.machine.lose_transport(), now)
        return out

    def next_deadline(self) -> float | None:
        """When `expire` is to be called next, or None while no timer runs."""
        return self._deadlines.next()

    def expire(self, now: float) -> list[LayerEffect]:
        """Fire the timers that are due."""
        out: list[LayerEffect] = []
        while (due := self._deadlines.pop_due(now)) is not None:
            transaction, timer = due
            out += self._perform(transaction, transaction.machine.expire(timer), now)
        return out

    def _perform(
        self,
        transaction: _Transaction,
        effects: list[MachineEffect],
        now: float,
        delivery: LayerEffect | None = None,
    ) -> list[LayerEffect]:
        """Do what a machine asked, in its order; `delivery` is what its Deliver stands for."""
        out: list[LayerEffect] = []
        for effect in effects:
            if isinstance(effect, Send):
                out.append(Transmit(effect.octets, transaction.flow))
            elif isinstance(effect, SetTimer):
                self._deadlines.set((transaction, effect.timer), now + effect.delay)
            elif isinstance(effect, CancelTimer):
                self._deadlines.cancel((transaction, effect.timer))
            elif isinstance(effect, Deliver):
                if delivery is not None:
                    out.append(delivery)
            else:
                out += self._conclude(transaction, effect, now)
        return out

    def _conclude(
        self, transaction: _Transaction, effect: StartCancel | Fail | Terminate, now: float
    ) -> list[LayerEffect]:
        """Do what a machine asks for once in its life at most."""
        if isinstance(effect, Terminate):
            self._forget(transaction)
        elif isinstance(effect, Fail):
            failure = transaction.failed(effect.cause)
            return [] if failure is None else [failure]
        elif isinstance(transaction, _Client):
            return self._start_cancel(transaction, now)
        else:  # no server machine asks for it
            raise AssertionError(effect)  # noqa: TRY004 - our own fault, whatever the type
        return []

    def _receive_ack(self, ack: Request, flow: Flow, now: float) -> list[LayerEffect] | None:
        """Give an ACK to its INVITE; None when it acknowledges a 2xx on a branch of its own."""
        key = server_key(ack)
        invite = self._servers.get(key)
        if invite is None and (bare := outside_dialog(key)) is not None:
            invite = self._servers.get(bare)
        if invite is None or not isinstance(invite.machine, ServerInviteTransaction):
            return None
        effects = invite.machine.receive_ack()
        return self._perform(invite, effects, now, Acknowledged(ack, flow))

    def _receive_cancel(self, cancel: Request, flow: Flow, now: float) -> list[LayerEffect] | None:
        """Answer a CANCEL that has something to cancel, and tell who owns the INVITE (9.2)."""
        invite = self._servers.get(cancelled_key(cancel))
        if invite is None or not isinstance(invite.machine, ServerInviteTransaction):
            return None
        if flow.remote.host != invite.flow.remote.host:
            return None  # It goes from hop to hop: nobody else's cancels this INVITE.
        to_tag = invite.to_tag or stateless_tag(cancel)
        response = Response(200, "OK", echo(cancel, to_tag))
        out: list[LayerEffect]
        if self.is_full:
            out = [Transmit(response.octets(), response_flow(cancel, flow))]
        else:
            out = self.respond(self.accept(cancel, flow, _LAYER, now), response, now)
        if invite.machine.is_undecided:
            out.append(Cancelled(invite.owner, invite.key, cancel))
        return out

    def _start_cancel(self, invite: _Client, now: float) -> list[LayerEffect]:
        cancel = build_cancel(invite.request, invite.cancel_fields)
        if client_key(cancel) in self._clients:  # the core has sent one itself
            return []
        return self.request(cancel, invite.flow, _LAYER, now)

    def _follow_sender(self, server: _Server, request: Request, flow: Flow) -> None:
        """Answer a retransmission where it came from: a NAT may have moved the sender's port.

        The host stays: a copy of the request from elsewhere must not draw the answers to itself.
        """
        if flow.transport is not Transport.UDP or flow.remote.host != server.flow.remote.host:
            return
        flow = response_flow(request, flow)
        if flow != server.flow:
            self._leave_flow(server)
            server.flow = flow
            self._join_flow(server)

    def _forget(self, transaction: _Transaction) -> None:
        self._leave_flow(transaction)
        if isinstance(transaction, _Server):
            self._forget_merge(transaction)
            del self._servers[transaction.key]
        else:
            del self._clients[transaction.key]
            self._ended = transaction

    def _forget_merge(self, server: _Server) -> None:
        if server.merge_key is not None:
            del self._merges[server.merge_key]
            server.merge_key = None

    def _join_flow(self, transaction: _Transaction) -> None:
        self._on_flow.setdefault(transaction.flow, {})[transaction] = None

    def _leave_flow(self, transaction: _Transaction) -> None:
        others = self._on_flow[transaction.flow]
        del others[transaction]
        if not others:
            del self._on_flow[transaction.flow]
