"""A simulated phone: it registers, calls, answers and misbehaves, in virtual time.

It shares with the switch only the message values and the parser; its transactions, dialogs, digest
and descriptions are its own, so that a misreading of an RFC is not made twice.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from tests.support.call import Draft, SimulatedCall
from tests.support.chance import Chance
from tests.support.credentials import Credentials
from tests.support.dialog import tag_of
from tests.support.incoming_call import IncomingCall
from tests.support.manner import ANSWERS, Habits, Manner
from tests.support.network import SimulatedNetwork
from tests.support.outgoing_call import Invitation, OutgoingCall
from tests.support.response import respond
from tests.support.transaction import ClientTransaction, ServerTransaction, server_key

MOST_TRIES = 3
"""A request is sent this often when it is challenged again and again."""

FIRST_MEDIA_PORT = 30_000


@dataclass(frozen=True, slots=True)
class Account:
    """Who a phone is: its user, its password, the domain, and the name it shows."""

    user: str
    password: str = "secret"  # noqa: S105 - a simulated phone's
    domain: str = "example.test"
    display_name: str = ""

    @property
    def identity(self) -> str:
        """The From value without tag."""
        name = f'"{self.display_name}" ' if self.display_name else ""
        return f"{name}<sip:{self.user}@{self.domain}>"


@dataclass(frozen=True, slots=True)
class Registration:
    """How a REGISTER ended: its status and the Contact values of the response."""

    status: int
    contacts: tuple[str, ...]


class SimulatedPhone:
    """One phone at one address, whose requests outside dialogs go to its server."""

    def __init__(
        self,
        network: SimulatedNetwork,
        name: str,
        address: Address,
        server: Address,
        account: Account,
        *,
        transport: Transport = Transport.UDP,
        manner: Manner = ANSWERS,
        habits: Habits | None = None,
        claimed: Address | None = None,
    ) -> None:
        self.network = network
        self.name = name
        self.address = address
        self.claimed = claimed or address
        """What the phone writes in Via, Contact and its descriptions; another one behind a NAT."""
        self.server = server
        self.account = account
        self.transport = transport
        self.manner = manner
        self.habits = habits or Habits()
        self.credentials = Credentials(account.user, account.password)
        self.calls: list[SimulatedCall] = []
        self.watched: dict[str, list[bytes]] = {}
        """What was told of each subscription, by its Call-ID."""
        self.registrations: list[Registration] = []
        self.violations: list[str] = []
        """What the other side did against the rules."""
        self.unexpected: list[str] = []
        """Responses and ACKs that belong to nothing: late ones, and those of other incarnations."""
        self.chance = Chance(network.seed, name)
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str, str], ServerTransaction] = {}
        self._counter = 0
        self.registration_call_id = f"{name}-registration"
        """The Call-ID of every REGISTER until the phone restarts."""
        self._register_cseq = 0
        self._media_ports = FIRST_MEDIA_PORT
        network.attach(self, address)

    def __repr__(self) -> str:
        return f"<SimulatedPhone {self.name} at {self.address} with {len(self.calls)} calls>"

    @property
    def contact(self) -> str:
        """The URI at which the phone is reached."""
        transport = "" if self.transport is Transport.UDP else f";transport={self.transport.value}"
        return f"sip:{self.account.user}@{self.claimed}{transport}"

    @property
    def call_in_progress(self) -> SimulatedCall:
        """The newest call."""
        return self.calls[-1]

    # What a user does.

    def register(self, expires: int = 600, *, contact: str | None = None) -> None:
        """Register the phone's contact, or another one."""
        self._register((("Contact", f"<{contact or self.contact}>;expires={expires}"),))

    def unregister(self) -> None:
        """Remove the phone's binding."""
        self.register(0)

    def unregister_all(self) -> None:
        """Remove every binding of the address-of-record."""
        self._register((("Contact", "*"), ("Expires", "0")))

    def fetch_bindings(self) -> None:
        """Ask which bindings there are."""
        self._register(())

    def call(
        self,
        target: str,
        *,
        described: bool = True,
        body: bytes | None = None,
        fields: tuple[Field, ...] = (),
    ) -> OutgoingCall:
        """Call an extension, a number or a URI."""
        uri = target if target.startswith("sip:") else f"sip:{target}@{self.account.domain}"
        invitation = Invitation(
            uri, self.account.identity, body=body, described=described, fields=fields
        )
        call = OutgoingCall(self, self.token("call"), self.token("tag"), invitation)
        self.calls.append(call)
        call.start()
        return call

    def ask(self, method: str, *, fields: tuple[Field, ...] = (), body: bytes = b"") -> list[int]:
        """Send a request outside any dialog; the list returned fills with its final statuses."""
        uri, identity = f"sip:{self.account.domain}", self.account.identity
        statuses: list[int] = []
        own: list[Field] = [
            ("From", f"{identity};tag={self.token('tag')}"),
            ("To", f"<{uri}>"),
            ("Call-ID", self.token("request")),
            ("CSeq", f"1 {method}"),
            ("Max-Forwards", "70"),
        ]
        draft = Draft(method, uri, [*own, *fields], body)

        def answered(response: Response) -> None:
            statuses.append(response.status)

        self.transact(lambda: draft, answered, lambda: None)
        return statuses

    def watch(
        self, name: str, event: str = "dialog", *, fields: tuple[Field, ...] = ()
    ) -> list[bytes]:
        """Subscribe to an event of a resource; the list returned fills with what is told."""
        uri, identity = f"sip:{name}@{self.account.domain}", self.account.identity
        call_id = self.token("watch")
        told = self.watched[call_id] = []
        own: list[Field] = [
            ("From", f"{identity};tag={self.token('tag')}"),
            ("To", f"<{uri}>"),
            ("Call-ID", call_id),
            ("CSeq", "1 SUBSCRIBE"),
            ("Contact", f"<{self.contact}>"),
            ("Event", event),
            ("Expires", "600"),
            ("Max-Forwards", "70"),
        ]
        draft = Draft("SUBSCRIBE", uri, [*own, *fields], b"")

        def answered(response: Response) -> None:
            if response.status >= 300:
                told.append(str(response.status).encode())

        self.transact(lambda: draft, answered, lambda: None)
        return told

    def move(self, address: Address) -> None:
        """Be given another address by the NAT, without knowing it."""
        self.network.move(self, self.address, address)
        self.address = address

    def disappear(self) -> None:
        """Be cut off from the network without a word."""
        self.network.unplug(self.name)

    # Sending.

    def token(self, purpose: str) -> str:
        """Return a name that is unique and the same in each run."""
        self._counter += 1
        return f"{self.name}-{purpose}-{self._counter}"

    def media_address(self) -> Address:
        """Take the next media port."""
        self._media_ports += 2
        return Address(self.claimed.host, self._media_ports)

    def send(self, octets: bytes, flow: Flow) -> None:
        """Put octets on a flow."""
        self.network.transmit(self.name, octets, flow)

    def flow_to(self, uri: str) -> Flow:
        """Find the way to a URI: where it points when that is an address, else the server."""
        head, *params = uri.partition(":")[2].split(";")
        host, _, port = head.rpartition("@")[2].rpartition(":")
        transport = Transport.UDP if "transport=udp" in params else self.transport
        if "transport=tcp" in params:
            transport = Transport.TCP
        if not _is_literal(host) or not port.isdigit():
            return Flow(transport, self.address, self.server)
        return Flow(transport, self.address, Address(host.strip("[]"), int(port)))

    def finish(self, draft: Draft) -> Request:
        """Make the draft a request that can be sent: give it a Via with a new branch."""
        return self._finish(draft, ())

    def _finish(self, draft: Draft, credentials: tuple[Field, ...]) -> Request:
        branch = f"z9hG4bK-{self.token('branch')}"
        via = f"SIP/2.0/{self.transport.via_name} {self.claimed};branch={branch};rport"
        fields: list[Field] = [("Via", via), *draft.fields, *credentials]
        return Request(draft.method, draft.uri, fields, draft.body)

    def transact(
        self,
        draft: Callable[[], Draft],
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None],
        on_start: Callable[[ClientTransaction], None] = lambda _: None,
    ) -> None:
        """Send a request, again with credentials when it is challenged (22.2)."""
        if not self.habits.keeps_nonce:
            self.credentials.forget()

        def attempt(number: int) -> None:
            drafted = draft()
            credentials = self.credentials.fields(drafted.method, drafted.uri)
            request = self._finish(drafted, credentials)

            def hear(response: Response) -> None:
                challenged = response.status in {401, 407} and number < MOST_TRIES
                usable = challenged and self.credentials.take(response)
                asked = self.credentials.header not in dict(credentials)
                if usable and (asked or self.credentials.is_stale):
                    attempt(number + 1)
                else:
                    on_response(response)

            route = request.first("route")
            hop = request.uri if route is None else route.partition("<")[2].partition(">")[0]
            flow = self.flow_to(hop) if tag_of(request.first("to") or "") else self._server_flow()
            on_start(self.start(request, flow, hear, on_timeout))

        attempt(1)

    def start(
        self,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None] = lambda: None,
    ) -> ClientTransaction:
        """Start a client transaction."""
        transaction = ClientTransaction(self, request, flow, on_response, on_timeout)
        self._clients[request.branch, request.method] = transaction
        return transaction

    def _server_flow(self) -> Flow:
        return Flow(self.transport, self.address, self.server)

    def _register(self, contacts: tuple[Field, ...]) -> None:
        uri, identity = f"sip:{self.account.domain}", self.account.identity
        call_id, tag = self.registration_call_id, self.token("tag")

        def draft() -> Draft:
            self._register_cseq += 1
            fields: list[Field] = [
                ("From", f"{identity};tag={tag}"),
                ("To", identity),
                ("Call-ID", call_id),
                ("CSeq", f"{self._register_cseq} REGISTER"),
                ("Max-Forwards", "70"),
                *contacts,
            ]
            return Draft("REGISTER", uri, fields)

        def hear(response: Response) -> None:
            if response.status >= 200:
                found = tuple(c.strip() for v in response.all("contact") for c in v.split(","))
                self.registrations.append(Registration(response.status, found))

        self.transact(draft, hear, lambda: self.registrations.append(Registration(408, ())))

    # Receiving.

    def arrive(self, octets: bytes, flow: Flow) -> None:
        """Take a message from the network."""
        try:
            message = parse(octets)
        except RemoteProtocolError as error:
            self.violations.append(f"what came cannot be read: {error.reason}")
            return
        if isinstance(message, Response):
            self._receive_response(message)
        else:
            self._receive_request(message, flow)

    def lose_flow(self, flow: Flow, reason: str) -> None:
        """Hear that a connection is gone: what waits on it fails."""
        self.unexpected.append(f"{flow}: {reason}")
        for transaction in list(self._clients.values()):
            if (
                transaction.flow.remote == flow.remote
                and transaction.flow.transport is flow.transport
            ):
                transaction.fail()

    def _receive_response(self, response: Response) -> None:
        transaction = self._clients.get((response.branch, response.cseq.method))
        if transaction is None:
            self.unexpected.append(f"{response.status} {response.cseq}")
        else:
            transaction.receive(response)

    def _receive_request(self, request: Request, flow: Flow) -> None:
        known = self._servers.get(server_key(request))
        if request.method == "ACK":
            self._receive_ack(request, known)
        elif known is not None:
            known.repeat()
        else:
            transaction = ServerTransaction(self, request, flow)
            self._servers[transaction.key] = transaction
            self._dispatch(request, transaction)

    def _receive_ack(self, request: Request, known: ServerTransaction | None) -> None:
        if known is not None and known.final is not None and known.final >= 300:
            known.acknowledge()
            return
        call = self._call_of(request)
        if call is None:
            self.unexpected.append(f"ACK of {request.call_id}")
        else:
            call.receive_ack(request)

    def _dispatch(self, request: Request, transaction: ServerTransaction) -> None:
        call = self._call_of(request)
        if request.method == "CANCEL":
            self._receive_cancel(request, transaction)
        elif call is not None:
            call.receive(request, transaction)
        elif request.method == "NOTIFY" and request.call_id in self.watched:
            self.watched[request.call_id].append(request.body)
            transaction.respond(respond(request, 200))
        elif tag_of(request.first("to") or ""):
            self._receive_strayed(request, transaction)
        elif request.method == "INVITE":
            self._receive_invite(transaction)
        else:
            self.receive_other(request, transaction)

    def _receive_cancel(self, request: Request, transaction: ServerTransaction) -> None:
        """Answer a CANCEL and end the INVITE that it names (9.2)."""
        branch, sent_by, _ = server_key(request)
        invite = self._servers.get((branch, sent_by, "INVITE"))
        transaction.respond(respond(request, 481 if invite is None else 200))
        for call in self.calls:
            if isinstance(call, IncomingCall) and invite and call.invite is invite.request:
                call.cancel()

    def _receive_strayed(self, request: Request, transaction: ServerTransaction) -> None:
        """Answer a request of a dialog that is not known: a BYE of a fork, or 481."""
        fork = tag_of(request.first("to") or "").endswith("-fork")
        transaction.respond(respond(request, 200 if fork else 481))

    def _receive_invite(self, transaction: ServerTransaction) -> None:
        call = IncomingCall(self, self.token("tag"), transaction, self.manner)
        self.calls.append(call)
        call.begin()

    def receive_other(self, request: Request, transaction: ServerTransaction) -> None:
        """Answer a request outside a dialog that is no INVITE."""
        tagged = f"{request.first('to')};tag={self.token('tag')}"
        transaction.respond(respond(request, 200, to=tagged))

    def _call_of(self, request: Request) -> SimulatedCall | None:
        for call in reversed(self.calls):
            dialog = call.dialog
            if call.call_id != request.call_id or dialog is None:
                continue
            same_local = tag_of(dialog.local) == tag_of(request.first("to") or "")
            if same_local and dialog.remote_tag == tag_of(request.first("from") or ""):
                return call
        return None


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
