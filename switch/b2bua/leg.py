"""One leg of a call once its dialog stands.

Session changes, refreshes, digits, the end (RFC 3261 sections 12 to 15).

How a leg begins is in `answering_leg` and `originating_leg`. A leg turns what its far side does
into call-control events (`event.py`) and the other leg's events into requests and responses. It
sees neither the other leg nor routing.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from media.plane import MediaCommand
from switch.b2bua.event import (
    Acknowledge,
    Cause,
    Inform,
    LegEvent,
    Release,
    Update,
    UpdateCancelled,
    Updated,
)
from switch.b2bua.media_role import MAX_STREAMS, MediaSide, stream_count
from switch.sdp.offer_answer import OfferAnswer
from switch.sdp.offer_answer import State as Offer
from switch.sip import uas
from switch.sip.dialog.dialog import Dialog
from switch.sip.dialog.invite_usage import Acceptance, Acknowledgements, Floor, Verdict
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import ClientKey, FailureCause, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack

METHODS = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO"})
ALLOW = ", ".join(sorted(METHODS))
EXTENSIONS = frozenset({"100rel", "timer"})
SUPPORTED = ", ".join(sorted(EXTENSIONS))
SDP = "application/sdp"

DIALOG_GONE = frozenset({404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604})
"""Answers to a request inside a dialog that mean the dialog is gone.

RFC 5057 section 5.1, 404 to BYE included.
"""


class Phase(Enum):
    """How far a leg has come."""

    STARTING = "starting"
    EARLY = "early"
    ANSWERED = "answered"
    """A 2xx has been sent or received, its ACK has not."""
    CONFIRMED = "confirmed"
    ENDED = "ended"


class LegListener(Protocol):
    """The call, as its legs know it."""

    def hear(self, leg: "Leg", event: LegEvent) -> None:
        """Take what a leg's far side did."""


class Authorizer(Protocol):
    """Whoever answers a challenge on a leg's behalf (`switch.guard.credential`)."""

    def authorize(self, request: Request, response: Response, flow: Flow) -> Field | None:
        """Return the header field that answers the challenge.

        None when this peer gets no answer of ours.
        """


class Leg:
    """A leg with a dialog."""

    def __init__(
        self,
        stack: Stack,
        listener: LegListener,
        side: MediaSide,
        flow: Flow,
        session: SessionTimer,
    ) -> None:
        self.phase = Phase.STARTING
        self.side = side
        self.flow = flow
        self.floor = Floor()
        self.negotiation = OfferAnswer()
        self.session = session
        self.authorizer: Authorizer | None = None
        self.contact_user = ""
        self._dialog: Dialog | None = None
        self._stack = stack
        self._listener = listener
        self._acks = Acknowledgements()
        self._acceptance: tuple[ServerKey, Response, Acceptance] | None = None
        self._invited: tuple[ServerKey, Request] | None = None
        """Their INVITE or UPDATE whose offer waits for an answer."""
        self._inviting: _Outgoing | None = None
        """Our INVITE or UPDATE inside the dialog that waits for its final response."""
        self._unacknowledged: Response | None = None
        """A 2xx with an offer that waits for the other leg's answer."""
        self._peer_methods: frozenset[str] = frozenset()
        self._bye_due: Release | None = None

    # What the call asks of a leg

    def update(self, event: Update) -> None:
        """Pass the other leg's session change on; answered by an `Updated` event."""
        if self.phase is Phase.ENDED or self._dialog is None or not self._is_free:
            self._listener.hear(self, Updated(491, "Request Pending", b""))
            return
        by_update = "UPDATE" in self._peer_methods and bool(event.body)
        if self.phase is not Phase.CONFIRMED and not by_update:
            self._listener.hear(self, Updated(491, "Request Pending", b""))
            return
        method = "UPDATE" if by_update and event.method == "UPDATE" else "INVITE"
        if self.phase is not Phase.CONFIRMED:
            method = "UPDATE"
        self._start_update(method, self.side.localize(event.body), is_refresh=False)

    def cancel_update(self) -> None:
        """Withdraw the session change that the other leg has cancelled."""
        if self._inviting is not None and self._inviting.key.method == "INVITE":
            self._stack.cancel(self._inviting.key)

    def answer_update(self, event: Updated) -> bool:
        """Answer the far side's session change; False when it no longer waits for an answer."""
        if self._invited is None or self.phase is Phase.ENDED:
            return False
        (key, request), self._invited = self._invited, None
        if event.status >= 300:
            self.floor.invited = False
            self.negotiation.cancel_offer()
            fields = _retry_after(self._stack) if event.status == 500 else []
            self._respond(key, request, event.status, event.reason, fields)
            return True
        self._accept_update(key, request, self.side.localize(event.body))
        return True

    def acknowledge(self, body: bytes) -> None:
        """Send the ACK, with the answer, to a 2xx that carried an offer."""
        response, self._unacknowledged = self._unacknowledged, None
        if response is None or self._dialog is None:
            return
        answer = self.side.localize(body)
        if self.negotiation.state is Offer.OFFER_RECEIVED and answer:
            self.negotiation.send_answer(answer)
            self._out(self.side.direct(response.body))
        else:
            self.negotiation.cancel_offer()
        self._send_ack(self._dialog, response, answer)
        if self.phase is Phase.ANSWERED:
            self.phase = Phase.CONFIRMED
            self._send_due_bye()

    def inform(self, event: Inform) -> None:
        """Pass an INFO on (RFC 6086), to a far side that takes it."""
        if self.phase is Phase.CONFIRMED and "INFO" in self._peer_methods:
            self._request("INFO", [("Content-Type", event.content_type)], event.body)

    def release(self, event: Release) -> None:
        """End the leg: BYE now, or as soon as the far side may get one (section 15)."""
        if self.phase is Phase.CONFIRMED:
            self._bye(event)
        elif self.phase is Phase.ANSWERED:
            self._bye_due = event

    @property
    def sip_call_id(self) -> str:
        """The Call-ID of the leg's dialog."""
        return self._dialog.call_id if self._dialog is not None else ""

    # Requests inside the dialog

    def receive_request(self, request: Request, flow: Flow) -> None:
        """Take a request inside the dialog that no transaction knew."""
        dialog = self._find(request)
        if dialog is None:
            self._stack.refuse(request, flow, 481)
        elif request.method == "ACK":
            self._receive_ack(request)
        elif not dialog.accept(request):
            self._stack.refuse(request, flow, 500, [("Retry-After", "0")])
        else:
            self._accept(request, flow)

    def _accept(self, request: Request, flow: Flow) -> None:
        # A phone behind NAT is reached where it last spoke from, not where its Contact says.
        self.flow = flow
        key = self._stack.accept(request, flow, self)
        match request.method:
            case "BYE":
                self._receive_bye(key, request)
            case _ if self.phase is Phase.ENDED:
                self._respond(key, request, 481)
            case "INVITE" | "UPDATE":
                self._receive_update(key, request)
            case "PRACK":
                self._receive_prack(key, request)
            case "INFO":
                self._respond(key, request, 200)
                content_type = request.first("content-type") or ""
                self._listener.hear(self, Inform(content_type, request.body))
            case "OPTIONS":
                self._respond(key, request, 200, fields=CAPABILITIES)
            case _:
                self._respond(key, request, 405, fields=[("Allow", ALLOW)])

    def _find(self, request: Request) -> Dialog | None:
        """Return the dialog that the request's tags name."""
        dialog = self._dialog
        if dialog is None or dialog.call_id != request.call_id:
            return None
        return dialog if dialog.remote_tag == request.from_tag else None

    def _receive_bye(self, key: ServerKey, request: Request) -> None:
        self._respond(key, request, 200)
        if self.phase is not Phase.ENDED:
            reason = request.first("reason")
            self._end()
            self._listener.hear(self, Release(Cause.NORMAL, reason))

    def _receive_prack(self, key: ServerKey, request: Request) -> None:
        """Answer a PRACK; only an answering leg has provisionals to be acknowledged."""
        self._respond(key, request, 481)

    def _receive_update(self, key: ServerKey, request: Request) -> None:
        """Take a re-INVITE or an UPDATE (sections 14.2, RFC 3311 section 5.2)."""
        is_invite = request.method == "INVITE"
        refusal = self._judge(request)
        if refusal is not None:
            status, fields = refusal
            self._respond(key, request, status, fields=fields)
            return
        try:
            is_change = self.negotiation.receive_offer(request.body) if request.body else is_invite
        except RemoteProtocolError as fault:
            fields = _retry_after(self._stack) if fault.status == 500 else []
            self._respond(key, request, fault.status, fields=fields)
            return
        if self._dialog is not None:
            self._dialog.refresh_target(request)
        self._note_peer(request)
        self.floor.invited = is_invite
        if is_change:
            self._invited = key, request
            self._listener.hear(self, Update(request.method, request.body))
        else:
            self._accept_update(key, request, self.side.local if request.body else b"")

    def _judge(self, request: Request) -> tuple[int, list[Field]] | None:
        """Return the status and fields that refuse a session change; None to go on."""
        if request.method == "INVITE":
            verdict = self.floor.judge()
            if verdict is Verdict.RETRY_LATER:
                return 500, _retry_after(self._stack)
            if verdict is Verdict.PENDING or self.phase is not Phase.CONFIRMED:
                return 491, []
            if self.negotiation.state is not Offer.STABLE and not request.body:
                return 491, []
        refused = offer_refusal(request)
        if refused is not None:
            return refused, [("Accept", SDP)] if refused == 415 else []
        return self.session.refusal(request)

    def _accept_update(self, key: ServerKey, request: Request, body: bytes) -> None:
        """Send the 2xx of a session change.

        And keep repeating an INVITE's until it is acknowledged.
        """
        fields = [("Contact", self._contact()), *CAPABILITIES, *self._session_answer(request)]
        response = uas.respond(request, 200, fields=with_body(fields, body), body=body)
        if request.body:
            self.negotiation.send_answer(body)
            self._out(self.side.direct(request.body))
        elif body:
            self.negotiation.send_offer(body)
        if request.method == "INVITE":
            self._accept_invite(key, response)
        else:
            self._stack.respond(key, response)

    def _accept_invite(self, key: ServerKey, response: Response) -> None:
        """Send a 2xx to an INVITE, and again until its ACK comes."""
        acceptance = Acceptance(self._stack.values)
        self._acceptance = key, response, acceptance
        self._stack.respond(key, response)
        self._stack.set_timer(self, "acceptance", acceptance.start())

    def _receive_ack(self, request: Request) -> None:
        if self._acceptance is None or self._acceptance[1].cseq.number != request.cseq.number:
            return
        self._acceptance = None
        self._stack.cancel_timer(self, "acceptance")
        self.floor.invited = False
        if self.phase is Phase.ANSWERED:
            self.phase = Phase.CONFIRMED
        if self.negotiation.state is Offer.OFFER_SENT:
            answer = self._receive_answer(request)
            self._listener.hear(self, Acknowledge(answer))
        self._send_due_bye()

    def _receive_answer(self, message: Request | Response) -> bytes:
        """Take the answer that a message carries into effect.

        Empty when it carries none that can be used.
        """
        answer = description_of(message)
        if answer:
            try:
                self.negotiation.receive_answer(answer)
            except RemoteProtocolError:
                answer = b""
        if not answer:
            self.negotiation.cancel_offer()
        self._out(self.side.direct(answer))
        return answer

    # Requests of our own inside the dialog

    def _request(
        self, method: str, fields: list[Field] | None = None, body: bytes = b""
    ) -> ClientKey:
        assert self._dialog is not None  # noqa: S101 - callers stand in a dialog
        via = self._stack.via(self.flow)
        request = self._dialog.request(method, via, fields=fields, body=body)
        return self._stack.request(request, self.flow, self)

    def _start_update(self, method: str, body: bytes, *, is_refresh: bool) -> None:
        fields = [("Contact", self._contact()), *CAPABILITIES]
        if method == "INVITE" or is_refresh:
            fields += self.session.request_fields()
        key = self._request(method, with_body(fields, body), body)
        self._inviting = _Outgoing(key, is_refresh=is_refresh, has_offer=bool(body))
        self.floor.inviting = method == "INVITE"
        if body:
            self.negotiation.send_offer(body)

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take a response to a request inside the dialog."""
        match key.method:
            case "INVITE" | "UPDATE":
                self._receive_update_response(key, response, flow)
            case "BYE" if response.status >= 200:
                self._finish()
            case _:
                if response.status in {408, 481}:
                    self._lose_dialog()

    def _receive_update_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        outgoing = self._inviting
        if response.status < 200:
            return
        if outgoing is None or outgoing.key != key:
            self._repeat_ack(response)
            return
        if self.phase is Phase.ENDED:
            # The BYE has overtaken it: only the ACK is still owed.
            self._inviting = None
            if key.method == "INVITE" and response.status < 300 and self._dialog is not None:
                self._send_ack(self._dialog, response, b"")
            return
        if response.status in {401, 407} and self._authorize_again(outgoing, response, flow):
            return
        self._inviting = None
        self.floor.inviting = False
        if response.status < 300:
            self._updated(outgoing, key, response)
            return
        self._refused(outgoing, response)

    def _updated(self, outgoing: "_Outgoing", key: ClientKey, response: Response) -> None:
        """Take the 2xx to our session change."""
        assert self._dialog is not None  # noqa: S101
        self._dialog.refresh_target(response)
        self._note_peer(response)
        self.session.confirm(response)
        self._arm_session()
        body = b""
        if outgoing.has_offer:
            body = self._receive_answer(response)
        elif key.method == "INVITE":
            body = self._receive_late_offer(response)
        if key.method == "INVITE" and self._unacknowledged is None:
            self._send_ack(self._dialog, response, b"")
        if not outgoing.is_refresh:
            self._listener.hear(self, Updated(200, "OK", body))

    def _receive_late_offer(self, response: Response) -> bytes:
        """Take the offer that a 2xx carries.

        Its ACK waits for the other leg's answer. Empty without a usable one.
        """
        offer = description_of(response)
        if offer:
            self.negotiation.receive_offer(offer)
            self._unacknowledged = response
        return offer

    def _refused(self, outgoing: "_Outgoing", response: Response) -> None:
        """Take the refusal of our session change: the session stays as it was (section 14.1)."""
        self.negotiation.cancel_offer()
        if outgoing.is_refresh:
            if response.status == 491:
                self._stack.set_timer(self, "refresh", self._stack.tokens.uniform(2.1, 4.0))
            elif response.status in {408, 481}:
                self._lose_dialog()
            return
        self._listener.hear(self, Updated(response.status, response.reason, b""))
        if response.status in {408, 481}:
            self._lose_dialog()

    def _authorize_again(self, outgoing: "_Outgoing", response: Response, flow: Flow) -> bool:
        """Answer a challenge inside the dialog once; False when it is not ours to answer."""
        if outgoing.is_authorized or self.authorizer is None:
            return False
        request = self._stack.layer.sent(outgoing.key)
        field = self.authorizer.authorize(request, response, flow) if request is not None else None
        if request is None or field is None or self._dialog is None:
            return False
        fields = [f for f in request.fields if f[0] not in _DIALOG_FIELDS]
        key = self._request(request.method, [*fields, field], request.body)
        outgoing.key = key
        outgoing.is_authorized = True
        return True

    def _send_ack(self, dialog: Dialog, response: Response, body: bytes) -> None:
        """Acknowledge a 2xx (section 13.2.2.4), and remember the ACK for its repetitions."""
        number = response.cseq.number
        via = self._stack.via(self.flow)
        ack = dialog.request("ACK", via, cseq=number, fields=with_body([], body), body=body)
        self._acks.keep(dialog.remote_tag, number, ack.octets())
        self._stack.transmit(ack, self.flow)

    def _repeat_ack(self, response: Response) -> None:
        octets = self._acks.find(response.to_tag, response.cseq.number)
        if octets is not None and response.status < 300:
            self._stack.transmit_octets(octets, self.flow)

    # Failures and timers

    def fail_request(self, key: ClientKey, _request: Request, _cause: FailureCause, /) -> None:
        """Take that a request of ours inside the dialog was never answered (section 12.2.1.2)."""
        if key.method == "BYE":
            self._finish()
            return
        outgoing, self._inviting = self._inviting, None
        self.floor.inviting = False
        if outgoing is not None and not outgoing.is_refresh and outgoing.key == key:
            self._listener.hear(self, Updated(408, "Request Timeout", b""))
        self._lose_dialog()

    def fail_response(self, key: ServerKey, _cause: FailureCause, /) -> None:
        """Take that a final response could not be delivered.

        Its acceptance timer ends the matter.
        """

    def receive_cancel(self, key: ServerKey, _cancel: Request, /) -> None:
        """Take the CANCEL of a session change that is not yet answered."""
        if self._invited is not None and self._invited[0] == key:
            (_, request), self._invited = self._invited, None
            self.floor.invited = False
            self.negotiation.cancel_offer()
            self._respond(key, request, 487)
            self._listener.hear(self, UpdateCancelled())

    def expire(self, timer: str) -> None:
        """Take a timer of the leg's."""
        if timer == "acceptance":
            self._repeat_acceptance()
        elif timer == "refresh":
            self._refresh()
        elif timer == "session":
            self._release_itself(Cause.SESSION_EXPIRED)
        elif timer == "forget":
            self._finish()

    def _repeat_acceptance(self) -> None:
        if self._acceptance is None:
            return
        key, response, acceptance = self._acceptance
        after = acceptance.expire()
        if after is not None:
            self._stack.respond(key, response)
            self._stack.set_timer(self, "acceptance", after)
            return
        # Section 13.3.1.4: without an ACK the dialog stands, but the session should end.
        self._acceptance = None
        self.phase = Phase.CONFIRMED
        self._release_itself(Cause.NO_ACK)

    def _refresh(self) -> None:
        """Refresh the session (RFC 4028 section 7.2).

        UPDATE where the far side takes it, else our last description again.
        """
        if self.phase is not Phase.CONFIRMED:
            return
        if not self._is_free:
            self._stack.set_timer(self, "refresh", self._stack.tokens.uniform(2.1, 4.0))
        elif "UPDATE" in self._peer_methods:
            self._start_update("UPDATE", b"", is_refresh=True)
        else:
            self._start_update("INVITE", self.side.local, is_refresh=True)

    def _release_itself(self, cause: Cause) -> None:
        """End the leg of our own accord, and tell the call."""
        if self.phase is Phase.ENDED:
            return
        self._bye(Release(cause))
        self._listener.hear(self, Release(cause))

    def _lose_dialog(self) -> None:
        if self.phase in {Phase.CONFIRMED, Phase.ANSWERED}:
            self.phase = Phase.CONFIRMED
            self._release_itself(Cause.DIALOG_LOST)

    def _bye(self, event: Release) -> None:
        self._end()
        self._request("BYE", [("Reason", event.reason)] if event.reason else None)

    def _send_due_bye(self) -> None:
        if self._bye_due is not None and self.phase is Phase.CONFIRMED:
            due, self._bye_due = self._bye_due, None
            self._bye(due)

    def _end(self) -> None:
        """Stop everything but the dialog's name, which stays until late requests have passed."""
        for timer in ("acceptance", "refresh", "session"):
            self._stack.cancel_timer(self, timer)
        if self._invited is not None:
            (key, request), self._invited = self._invited, None
            self._respond(key, request, 487)
        self._acceptance = None
        self.phase = Phase.ENDED
        # Requests that crossed the BYE are still answered (481, or 200 to a BYE) for as long as
        # they may be repeated.
        self._stack.set_timer(self, "forget", self._stack.values.transaction_timeout)

    def _finish(self) -> None:
        """Forget the dialog: nothing of it is on its way any more."""
        self._stack.cancel_timer(self, "forget")
        if self._dialog is not None:
            self._stack.forget_usage(self._dialog.local_tag)

    # Small pieces

    @property
    def _is_free(self) -> bool:
        """Whether we may change the session now (sections 14.1, RFC 3311 section 5.1)."""
        return self.floor.is_free and self.negotiation.state is Offer.STABLE

    def _respond(
        self,
        key: ServerKey,
        request: Request,
        status: int,
        reason: str | None = None,
        fields: list[Field] | None = None,
    ) -> None:
        tag = self._dialog.local_tag if self._dialog is not None else None
        response = uas.respond(request, status, reason, to_tag=tag, fields=fields or [])
        self._stack.respond(key, response)

    def _contact(self) -> str:
        return self._stack.contact(self.flow, self.contact_user)

    def _note_peer(self, message: Request | Response) -> None:
        """Remember which methods the far side allows.

        One that says nothing takes the base methods.
        """
        lines = message.all("allow")
        if lines:
            tokens = (token.strip().upper() for line in lines for token in line.split(","))
            self._peer_methods = frozenset(tokens) & METHODS

    def _session_answer(self, request: Request) -> list[Field]:
        """Settle the session timer of a request of theirs that we accept (RFC 4028 section 9)."""
        fields = self.session.answer(request)
        self._arm_session()
        return fields

    def _arm_session(self) -> None:
        """Arm what the session timer asks for: our refresh, or the end when theirs stays away."""
        for timer, delay in (
            ("refresh", self.session.refresh_after),
            ("session", self.session.expire_after),
        ):
            if delay is None:
                self._stack.cancel_timer(self, timer)
            else:
                self._stack.set_timer(self, timer, delay)

    def _out(self, commands: Sequence[MediaCommand]) -> None:
        self._stack.out.extend(commands)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.side.endpoint} {self.phase.name}>"


class _Outgoing:
    """A session change or refresh of ours on its way."""

    __slots__ = ("has_offer", "is_authorized", "is_refresh", "key")

    def __init__(self, key: ClientKey, *, is_refresh: bool, has_offer: bool) -> None:
        self.key = key
        self.is_refresh = is_refresh
        self.has_offer = has_offer
        self.is_authorized = False


CAPABILITIES: list[Field] = [("Allow", ALLOW), ("Supported", SUPPORTED)]

_DIALOG_FIELDS = frozenset(
    {"Via", "Route", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Authorization",
     "Proxy-Authorization"}
)  # fmt: skip
"""What `Dialog.request` writes itself, and credentials that the challenge has outdated."""


def offer_refusal(request: Request) -> int | None:
    """Return the status that refuses the request's body as an offer or answer.

    None when it may be used.
    """
    if not request.body:
        return None
    content_type = (request.first("content-type") or "").partition(";")[0].strip().lower()
    if content_type != SDP:
        return 415
    try:
        streams = stream_count(request.body)
    except RemoteProtocolError as fault:
        return fault.status or 400
    return None if 0 < streams <= MAX_STREAMS else 488


def description_of(message: Request | Response) -> bytes:
    """Return the session description that a message carries.

    Empty when it has none that can be used.
    """
    content_type = (message.first("content-type") or SDP).partition(";")[0].strip().lower()
    if not message.body or content_type != SDP:
        return b""
    try:
        return message.body if 0 < stream_count(message.body) <= MAX_STREAMS else b""
    except RemoteProtocolError:
        return b""


def with_body(fields: list[Field], body: bytes) -> list[Field]:
    """Return the fields with the body's type, where there is a body."""
    return [*fields, ("Content-Type", SDP)] if body else fields


def _retry_after(stack: Stack) -> list[Field]:
    """Return the random Retry-After of section 14.2: 0 to 10 seconds."""
    return [("Retry-After", str(int(stack.tokens.uniform(0, 10))))]
