"""A call as a simulated phone sees it: one dialog, what is said in it, and how it ends.

What both sides do alike is here; `outgoing_call` and `incoming_call` add how a call begins.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import NamedTuple, Protocol

from switch.sip.flow import Address, Flow
from switch.sip.message import Field, Request, Response
from tests.support.chance import Chance
from tests.support.description import Description
from tests.support.dialog import Dialog
from tests.support.manner import Habits
from tests.support.network import SimulatedNetwork
from tests.support.response import respond
from tests.support.session_timer import PhoneSessionTimer
from tests.support.transaction import (
    T2,
    Agent,
    ClientTransaction,
    Repeater,
    ServerTransaction,
)

NOWHERE = "0.0.0.0"  # noqa: S104 - how phones of RFC 2543 hold
"""The address to which nothing is to be sent (RFC 3264 section 8.4)."""


class Phase(Enum):
    """Where a call stands."""

    CALLING = "calling"
    RINGING = "ringing"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Draft(NamedTuple):
    """A request that lacks its Via and its credentials."""

    method: str
    uri: str
    fields: list[Field]
    body: bytes = b""


class Caller(Agent, Protocol):
    """What a call needs of its phone."""

    name: str
    habits: Habits
    chance: Chance
    network: SimulatedNetwork

    @property
    def contact(self) -> str:
        """The URI at which the phone is reached."""

    def transact(
        self,
        draft: Callable[[], Draft],
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None],
        on_start: Callable[[ClientTransaction], None] = ...,
    ) -> None:
        """Send a request, again with credentials when it is challenged."""

    def start(
        self,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None] = ...,
    ) -> ClientTransaction:
        """Start a client transaction of a request that is complete."""

    def finish(self, draft: Draft) -> Request:
        """Make the draft a request that can be sent."""

    def flow_to(self, uri: str) -> Flow:
        """Find the way to a URI."""

    def media_address(self) -> Address:
        """Give the next call its media address."""


class SimulatedCall:
    """One side of a call."""

    def __init__(self, phone: Caller, call_id: str, *, is_outgoing: bool) -> None:
        self.phone = phone
        self.call_id = call_id
        self.is_outgoing = is_outgoing
        self.phase = Phase.CALLING
        self.dialog: Dialog | None = None
        self.statuses: list[int] = []
        """Responses to this side's initial INVITE, or those that this side gave."""
        self.ended_by: str | None = None
        """`us`, `them`, or what went wrong."""
        self.reinvite_statuses: list[int] = []
        self.bye_status: int | None = None
        self.info_statuses: list[int] = []
        self.digits: list[bytes] = []
        """Bodies of the INFO requests that came in."""
        self.notices: list[bytes] = []
        """The bodies of the NOTIFYs received: how a REFER goes on."""
        self.requests: list[str] = []
        """Methods of the requests that came in inside the dialog."""
        address = phone.media_address()
        self.local = Description(address.host, address.port)
        self._host = address.host
        self.remote: Description | None = None
        self.acks_skipped = 0
        self._described: Description | None = None
        self._offering = False
        self._inviting = False
        self._repeater: Repeater | None = None
        self._reinvite: ClientTransaction | None = None
        self._session = PhoneSessionTimer(
            phone.network, phone.habits, refresh=self._refresh, expire=self._expire
        )
        self._accepting: Request | None = None

    def __repr__(self) -> str:
        way = "to" if self.is_outgoing else "from"
        return f"<Call of {self.phone.name} {way} {self.call_id} {self.phase.name} {self.statuses}>"

    @property
    def final(self) -> int | None:
        """The final status of the initial INVITE."""
        return next((status for status in self.statuses if status >= 200), None)

    @property
    def is_established(self) -> bool:
        """Whether both sides talk."""
        return self.phase is Phase.CONFIRMED

    def describe(self, description: Description) -> bytes:
        """Write a description, as the next version when it differs (RFC 3264 section 8)."""
        version = 1 if self._described is None else self._described.version
        described = replace(description, version=version)
        if self._described not in {None, described}:
            described = replace(description, version=version + 1)
        self._described = described
        return described.octets()

    @property
    def is_changing(self) -> bool:
        """Whether an offer or a re-INVITE of either side is open."""
        return self._inviting or self._offering or self._accepting is not None

    # Ending.

    def hang_up(self) -> None:
        """End the call with BYE."""
        if self.dialog is None or self.phase is Phase.ENDED:
            return
        self.end("us")
        self._request("BYE", on_response=self._on_bye_response)

    def _on_bye_response(self, response: Response) -> None:
        if response.status >= 200:
            self.bye_status = response.status

    def end(self, by: str) -> None:
        """Be over: nothing more is repeated or refreshed."""
        if self.phase is Phase.ENDED:
            return
        self.phase = Phase.ENDED
        self.ended_by = by
        self._session.stop()

    # Changing.

    def hold(self, way: str = "sendonly") -> None:
        """Put the other side on hold by a re-INVITE: `sendonly`, `inactive` or `0.0.0.0`."""
        if way == NOWHERE:
            self.local = replace(self.local, host=NOWHERE)
        self.reinvite(direction="sendrecv" if way == NOWHERE else way)

    def resume(self) -> None:
        """Take the other side back from hold."""
        self.local = replace(self.local, host=self._host)
        self.reinvite(direction="sendrecv")

    def recode(self, payloads: tuple[int, ...] = (0, 101), *, method: str = "INVITE") -> None:
        """Offer other codecs: a change that the other side has to be asked about."""
        self.local = replace(self.local, payloads=payloads)
        if method == "INVITE":
            self.reinvite()
        else:
            self.update()

    def reinvite(self, *, direction: str | None = None, described: bool = True) -> None:
        """Offer the media anew, or ask for an offer by a re-INVITE without description."""
        if described:
            self._offer_again(direction)
        self._inviting = True
        self._offering = described

        def answered(response: Response) -> None:
            self._on_reinvite_response(response, direction=direction, described=described)

        self._request(
            "INVITE", body=self.describe(self.local) if described else b"", on_response=answered
        )

    def update(self, *, direction: str | None = None, described: bool = True) -> None:
        """Change or refresh the call by UPDATE (RFC 3311)."""
        if described:
            self._offer_again(direction)
        self._offering = described

        def answered(response: Response) -> None:
            if response.status >= 200:
                self._offering = False
                self.reinvite_statuses.append(response.status)
                self._learn(response)

        self._request(
            "UPDATE", body=self.describe(self.local) if described else b"", on_response=answered
        )

    def withdraw(self) -> None:
        """Cancel the re-INVITE that is not yet answered."""
        invite = self._reinvite
        if invite is None or invite.final is not None or invite.has_failed:
            return
        request = invite.request
        kept = [f for f in request.fields if f[0] not in {"CSeq", "Content-Type", "Contact"}]
        cseq: Field = ("CSeq", f"{request.cseq.number} CANCEL")
        cancel = Request("CANCEL", request.uri, [*kept, cseq])
        self.phone.start(cancel, invite.flow, lambda _: None)

    def ask(self, method: str, *, fields: tuple[Field, ...] = (), body: bytes = b"") -> list[int]:
        """Send any request inside the dialog; the list returned fills with its final statuses."""
        statuses: list[int] = []

        def answered(response: Response) -> None:
            if response.status >= 200:
                statuses.append(response.status)

        self._request(method, body=body, fields=fields, on_response=answered)
        return statuses

    def refer(self, target: str) -> list[int]:
        """Ask that the other side be led on to a URI or number (RFC 3515)."""
        uri = target if target.startswith("sip:") else f"sip:{target}@example.test"
        return self.ask("REFER", fields=(("Refer-To", f"<{uri}>"),))

    @property
    def named_dialog(self) -> Dialog | None:
        """The dialog that a Replaces would name."""
        return self.dialog

    def replaces(self) -> str:
        """Name the call's dialog as the switch has to read it in a Replaces (RFC 3891)."""
        dialog = self.named_dialog
        assert dialog is not None
        ours, theirs = dialog.local.rpartition("tag=")[2], dialog.remote.rpartition("tag=")[2]
        return f"{self.call_id};to-tag={theirs};from-tag={ours}"

    def press(self, digit: str) -> None:
        """Send a digit by INFO (RFC 6086)."""
        body = f"Signal={digit}\r\nDuration=160\r\n".encode()
        kind: Field = ("Content-Type", "application/dtmf-relay")

        def answered(response: Response) -> None:
            self.info_statuses.append(response.status)

        self._request("INFO", body=body, fields=(kind,), on_response=answered)

    def _offer_again(self, direction: str | None) -> None:
        if direction is not None:
            self.local = replace(self.local, direction=direction)

    def _on_reinvite_response(
        self, response: Response, *, direction: str | None, described: bool
    ) -> None:
        if response.status < 200:
            return
        self._inviting = self._offering = False
        self.reinvite_statuses.append(response.status)
        if response.status < 300:
            self._acknowledge_reinvite(response, described=described)
        elif response.status == 491 and self.phase is Phase.CONFIRMED:
            wanted = self.local.payloads
            self.phone.network.after(
                self._glare_pause(), lambda: self._try_again(direction, described, wanted)
            )
        elif response.status in {408, 481}:
            self.hang_up()

    def _try_again(
        self,
        direction: str | None,
        described: bool,  # noqa: FBT001 - carried along
        payloads: tuple[int, ...],
    ) -> None:
        if self.phase is Phase.CONFIRMED:
            self.local = replace(self.local, payloads=payloads)
            self.reinvite(direction=direction, described=described)

    def _glare_pause(self) -> float:
        """RFC 3261 section 14.1: who owns the Call-ID waits longer."""
        chance = self.phone.chance
        low, high = (2.1, 4.0) if self.is_outgoing else (0.0, 2.0)
        return round(chance.uniform(low, high), 2)

    def _acknowledge_reinvite(self, response: Response, *, described: bool) -> None:
        self._learn(response)
        answer = b""
        if not described and self.remote is not None:
            answer = self.describe(self.local.answer(self.remote))
        self.send_ack(self.dialog, response.cseq.number, answer)

    # Sending.

    def _request(
        self,
        method: str,
        *,
        body: bytes = b"",
        fields: tuple[Field, ...] = (),
        on_response: Callable[[Response], None] = lambda _: None,
    ) -> None:
        dialog = self.dialog
        assert dialog is not None

        def draft() -> Draft:
            dialog.local_cseq += 1
            inside = dialog.fields(method, dialog.local_cseq)
            own = self.own_fields(method) if method in {"INVITE", "UPDATE"} else []
            is_described = body and "Content-Type" not in dict(fields)
            described: list[Field] = [("Content-Type", "application/sdp")] if is_described else []
            return Draft(method, dialog.remote_target, [*inside, *own, *fields, *described], body)

        def started(transaction: ClientTransaction) -> None:
            if method == "INVITE":
                self._reinvite = transaction

        self.phone.transact(draft, on_response, lambda: self._time_out(method), started)

    def _time_out(self, method: str) -> None:
        self._inviting = False
        if method == "INVITE":
            self.hang_up()
        self.end("time-out")

    def own_fields(self, method: str) -> list[Field]:
        """Return Contact, Allow, Supported and the session timer's fields."""
        fields: list[Field] = [
            ("Contact", f"<{self.phone.contact}>"),
            ("Allow", self.phone.habits.allow),
        ]
        habits = self.phone.habits
        supported = ["100rel"] if habits.supports_100rel else []
        if self._session.is_supported:
            supported.append("timer")
            fields.append(("Session-Expires", self._session.proposal()))
        if supported and method == "INVITE":
            fields.append(("Supported", ", ".join(supported)))
        elif supported:
            fields.append(("Supported", "timer"))
        return fields

    def send_ack(self, dialog: Dialog | None, cseq: int, body: bytes = b"") -> Request:
        """Acknowledge a 2xx, unless the phone's habit is to forget it; return the ACK."""
        assert dialog is not None
        fields = dialog.fields("ACK", cseq)
        described: list[Field] = [("Content-Type", "application/sdp")] if body else []
        ack = self.phone.finish(Draft("ACK", dialog.remote_target, [*fields, *described], body))
        self.repeat_ack(ack)
        return ack

    def repeat_ack(self, ack: Request) -> None:
        """Send the same ACK again, unless it is to be forgotten."""
        if self.acks_skipped < self.phone.habits.acks_skipped:
            self.acks_skipped += 1
            return
        self.phone.send(ack.octets(), self.phone.flow_to(_next_hop(ack)))

    # Receiving.

    def receive(self, request: Request, transaction: ServerTransaction) -> None:
        """Take a request inside the dialog."""
        self.requests.append(request.method)
        dialog = self.dialog
        if dialog is not None and request.cseq.number < dialog.remote_cseq:
            transaction.respond(self.response(request, 500, "CSeq is too low"))
            return
        if dialog is not None:
            dialog.remote_cseq = request.cseq.number
        match request.method:
            case "BYE":
                self._receive_bye(request, transaction)
            case "INVITE":
                self._receive_reinvite(request, transaction)
            case "UPDATE":
                self._receive_update(request, transaction)
            case "PRACK":
                self.receive_prack(request, transaction)
            case _:
                self.digits += [request.body] if request.method == "INFO" else []
                self.notices += [request.body] if request.method == "NOTIFY" else []
                transaction.respond(self.response(request, 200))

    def receive_prack(self, request: Request, transaction: ServerTransaction) -> None:
        """Refuse a PRACK of nothing; a called phone knows better."""
        transaction.respond(self.response(request, 481))

    def receive_ack(self, request: Request) -> None:
        """Stop repeating the 2xx; an ACK may carry the answer."""
        if self._accepting is None or request.cseq.number != self._accepting.cseq.number:
            return
        if self._repeater is not None:
            self._repeater.stop()
            self._repeater = None
        self._offering = False
        self._accepting = None
        self._learn(request)

    def _receive_bye(self, request: Request, transaction: ServerTransaction) -> None:
        if not self.phone.habits.answers_bye:
            return
        transaction.respond(self.response(request, 200))
        self.stop_repeating()
        self.end("them")

    def stop_repeating(self) -> None:
        """Give up repeating a 2xx."""
        if self._repeater is not None:
            self._repeater.stop()
            self._repeater = None

    def _receive_reinvite(self, request: Request, transaction: ServerTransaction) -> None:
        refusal = self._refusal(request)
        if refusal is None and self._accepting is not None:
            refusal = 491
        if refusal is not None:
            transaction.respond(self.response(request, refusal))
            return
        self._refresh_target(request)
        self.accept(request, transaction, self._answer_to(request, offers=True))

    def _receive_update(self, request: Request, transaction: ServerTransaction) -> None:
        refusal = self._refusal(request) if request.body else None
        if refusal is not None:
            transaction.respond(self.response(request, refusal))
            return
        self._refresh_target(request)
        body = self._answer_to(request, offers=False)
        timer = self._session.agree(request)
        transaction.respond(self.response(request, 200, fields=timer, body=body))

    def _refusal(self, request: Request) -> int | None:
        if self.phase is Phase.ENDED:
            return 481
        if self._inviting or self._offering:
            return 491
        return None if self.phone.habits.answers_updates or not request.body else 488

    def _refresh_target(self, request: Request) -> None:
        contact = request.first("contact")
        if self.dialog is not None and contact is not None and "<" in contact:
            self.dialog.remote_target = contact.split("<", 1)[1].split(">", 1)[0]

    def _answer_to(self, request: Request, *, offers: bool) -> bytes:
        """Answer the request's offer, or offer when it brings none and its 200 must."""
        if request.body:
            self._learn(request)
            assert self.remote is not None
            answer = self.local.answer(self.remote)
            self.local = answer if answer.direction == self.local.direction else self.local
            return self.describe(answer)
        self._offering = offers
        return self.describe(self.local) if offers else b""

    def accept(self, request: Request, transaction: ServerTransaction, body: bytes) -> None:
        """Send 200 to an INVITE again and again until its ACK comes (13.3.1.4)."""
        response = self.response(request, 200, fields=self._session.agree(request), body=body)
        transaction.respond(response)
        self._accepting = request
        octets = response.octets()
        self._repeater = Repeater(
            self.phone,
            lambda: self.phone.send(octets, transaction.flow),
            ceiling=T2,
            repeats=True,
            give_up=self._miss_ack,
        )

    def _miss_ack(self) -> None:
        self._accepting = None
        if self.phase is not Phase.ENDED:
            self.hang_up()
            self.ended_by = "no ACK"

    def response(
        self,
        request: Request,
        status: int,
        reason: str = "",
        *,
        fields: tuple[Field, ...] = (),
        body: bytes = b"",
    ) -> Response:
        """Build a response of this side of the dialog."""
        to = self.dialog.local if self.dialog else request.first("to") or ""
        return respond(
            request,
            status,
            reason,
            to=to,
            fields=(*self._extras(request, status), *fields),
            body=body,
        )

    def _extras(self, request: Request, status: int) -> tuple[Field, ...]:
        dialog_creating = request.method in {"INVITE", "UPDATE"} and 100 < status < 300
        contact: Field = ("Contact", f"<{self.phone.contact}>")
        allow: Field = ("Allow", self.phone.habits.allow)
        return (contact, allow) if dialog_creating else ()

    def _learn(self, message: Request | Response) -> None:
        """Take the description and the session timer that the message carries."""
        if message.body:
            self.remote = Description.parse(message.body)
        if isinstance(message, Response) and message.status_class == 2:
            self._session.take(message)

    # Session timer (RFC 4028).

    def _refresh(self) -> None:
        if self.phase is not Phase.CONFIRMED:
            return
        if self.phone.habits.refresh_method == "UPDATE":
            self.update(described=False)
        else:
            self.reinvite()

    def _expire(self) -> None:
        if self.phase is Phase.CONFIRMED:
            self.hang_up()
            self.ended_by = "session expired"


def _next_hop(request: Request) -> str:
    route = request.first("route")
    return request.uri if route is None else route.split("<", 1)[-1].split(">", 1)[0]
