"""Changing a session inside its dialog (RFC 3261 section 14, RFC 3311, RFC 4028).

A re-INVITE or UPDATE of the far side becomes an `Update` event, and waits for the other leg's
answer; the other leg's `Update` becomes a re-INVITE or UPDATE of ours. What repeats the session as
it stands is answered here. Who may speak when is decided by `Floor` and `OfferAnswer`.
"""

from dataclasses import dataclass
from typing import Protocol

from media.plane import MediaCommand
from switch.b2bua.body import SDP, description_of, offer_refusal, with_body
from switch.b2bua.event import LegEvent, Update, UpdateCancelled, Updated
from switch.b2bua.media_role import MediaSide
from switch.b2bua.phase import Phase
from switch.sdp.offer_answer import OfferAnswer
from switch.sdp.offer_answer import State as Offer
from switch.sip import uas
from switch.sip.dialog.dialog import Dialog
from switch.sip.dialog.invite_usage import Floor, Verdict
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import ClientKey, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack

GONE = frozenset({408, 481})
"""Answers to a request inside a dialog that end the dialog (RFC 3261 section 12.2.1.2)."""

PENDING = Updated(491, "Request Pending", b"")


class ChangingLeg(Protocol):
    """The leg whose session changes, as far as that needs it."""

    phase: Phase
    stack: Stack
    side: MediaSide
    session: SessionTimer
    peer_methods: frozenset[str]
    dialog: Dialog

    def capabilities(self) -> list[Field]:
        """Return Contact, Allow and Supported."""

    def request(self, method: str, fields: list[Field], body: bytes) -> ClientKey:
        """Send a request inside the dialog."""

    def respond(
        self,
        key: ServerKey,
        request: Request,
        status: int,
        reason: str | None = None,
        fields: list[Field] | None = None,
    ) -> None:
        """Answer a request inside the dialog."""

    def accept_invite(self, key: ServerKey, response: Response) -> None:
        """Send a 2xx to an INVITE, and again until its ACK comes."""

    def send_ack(self, dialog: Dialog, response: Response, body: bytes) -> None:
        """Acknowledge a 2xx."""

    def authorize_again(self, key: ClientKey, response: Response, flow: Flow) -> ClientKey | None:
        """Repeat a challenged request with its answer; None when it is not ours to answer."""

    def note_peer(self, message: Request | Response) -> None:
        """Remember which methods the far side allows."""

    def arm_session(self) -> None:
        """Arm what the session timer asks for."""

    def tell(self, event: LegEvent) -> None:
        """Tell the call."""

    def out(self, commands: list[MediaCommand]) -> None:
        """Command the media plane."""

    def lose_dialog(self) -> None:
        """End the leg whose dialog the far side no longer knows."""


@dataclass(slots=True)
class _Outgoing:
    """A session change or refresh of ours on its way."""

    key: ClientKey
    is_refresh: bool
    has_offer: bool


class SessionChange:
    """The session of one leg, and the one change that is on its way in either direction."""

    def __init__(self, leg: ChangingLeg) -> None:
        self.floor = Floor()
        self.negotiation = OfferAnswer()
        self.unacknowledged: Response | None = None
        """A 2xx with an offer that waits for the other leg's answer."""
        self._leg = leg
        self._incoming: tuple[ServerKey, Request] | None = None
        """Their INVITE or UPDATE that waits for the other leg."""
        self._outgoing: _Outgoing | None = None

    @property
    def is_asked(self) -> bool:
        """Whether a session change of theirs waits for the other leg."""
        return self._incoming is not None

    @property
    def is_free(self) -> bool:
        """Whether we may offer now (RFC 3311 section 5.1); an INVITE needs the floor as well."""
        return self._outgoing is None and self.negotiation.state is Offer.STABLE

    @property
    def has_offered_by_2xx(self) -> bool:
        """Whether the ACK is to carry an answer; an offer may be on its way by UPDATE instead."""
        is_asking = self._outgoing is not None and self._outgoing.has_offer
        return self.negotiation.state is Offer.OFFER_SENT and not is_asking

    @property
    def _expects_offer(self) -> bool:
        """Whether the far side is to offer, or to be offered, the session with an open INVITE."""
        if self._outgoing is not None:
            return not self._outgoing.has_offer and self._outgoing.key.method == "INVITE"
        is_early = self._leg.phase in {Phase.STARTING, Phase.EARLY}
        return is_early and self.negotiation.remote is None

    # What the far side changes

    def receive(self, key: ServerKey, request: Request) -> None:
        """Take a re-INVITE or an UPDATE (sections 14.2, RFC 3311 section 5.2)."""
        is_invite = request.method == "INVITE"
        refusal = self._refusal(request)
        if refusal is not None:
            status, fields = refusal
            self._leg.respond(key, request, status, fields=fields)
            return
        is_change = self.negotiation.receive_offer(request.body) if request.body else is_invite
        self._leg.dialog.refresh_target(request)
        self._leg.note_peer(request)
        if is_invite:
            self.floor.invited = True
        if is_change:
            self._incoming = key, request
            self._leg.tell(Update(request.method, request.body))
        else:
            agreed = self.negotiation.local or b""
            self._accept(key, request, agreed if request.body else b"")

    def _refusal(self, request: Request) -> tuple[int, list[Field]] | None:
        """Return the status and fields that refuse a session change; None to go on."""
        if request.method == "INVITE":
            verdict = self.floor.judge()
            if verdict is Verdict.RETRY_LATER:
                return 500, self._retry_after()
            if verdict is Verdict.PENDING or self._leg.phase is not Phase.CONFIRMED:
                return 491, []
        refused = offer_refusal(request)
        if refused is not None:
            return refused, [("Accept", SDP)] if refused == 415 else []
        return self._offer_refusal(request) or self._leg.session.refusal(request)

    def _offer_refusal(self, request: Request) -> tuple[int, list[Field]] | None:
        """Judge an offer, or the wish for one, by the offers that are open."""
        wants = bool(request.body) or request.method == "INVITE"
        if not wants:
            return None
        if self._incoming is not None or self.negotiation.state is Offer.OFFER_RECEIVED:
            return 500, self._retry_after()
        is_crossing = self.negotiation.state is Offer.OFFER_SENT or self._expects_offer
        return (491, []) if is_crossing else None

    def _retry_after(self) -> list[Field]:
        """Return the random Retry-After of section 14.2: 0 to 10 seconds."""
        return [("Retry-After", str(int(self._leg.stack.tokens.uniform(0, 10))))]

    def answer(self, event: Updated) -> bool:
        """Answer the far side's session change; False when it no longer waits for an answer."""
        if self._incoming is None:
            return False
        (key, request), self._incoming = self._incoming, None
        status, reason = event.status, event.reason
        body = self._leg.side.localize(event.body) if status < 300 else b""
        if status < 300 and request.body and not body:
            status, reason = 488, "Not Acceptable Here"
        if status < 300:
            self._accept(key, request, body)
            return True
        self._give_back(request)
        fields = self._retry_after() if status == 500 else []
        self._leg.respond(key, request, status, reason, fields)
        return True

    def _accept(self, key: ServerKey, request: Request, body: bytes) -> None:
        """Send the 2xx of a session change."""
        leg = self._leg
        fields = [*leg.capabilities(), *leg.session.answer(request)]
        leg.arm_session()
        response = uas.respond(request, 200, fields=with_body(fields, body), body=body)
        if request.body:
            self.negotiation.send_answer(body)
            leg.out(leg.side.direct(request.body))
        elif body:
            self.negotiation.send_offer(body)
        if request.method == "INVITE":
            leg.accept_invite(key, response)
        else:
            leg.stack.respond(key, response)

    def receive_cancel(self) -> None:
        """Take the CANCEL of the session change that is not yet answered."""
        self._refuse_incoming()
        self._leg.tell(UpdateCancelled())

    def stop(self) -> None:
        """End what waits: the dialog ends (section 15.1.2).

        A 2xx is still owed its ACK, though nobody is left to answer its offer.
        """
        self._refuse_incoming()
        self.acknowledge(b"")

    def _refuse_incoming(self) -> None:
        """Answer what waits with 487."""
        if self._incoming is not None:
            (key, request), self._incoming = self._incoming, None
            self._give_back(request)
            self._leg.respond(key, request, 487)

    def _give_back(self, request: Request) -> None:
        """Undo what a session change took when it came."""
        if request.method == "INVITE":
            self.floor.invited = False
        if request.body:
            self.negotiation.cancel_offer()

    def receive_answer(self, message: Request | Response) -> bytes:
        """Take the answer that a message carries into effect; empty without a usable one."""
        return self.take_answer(description_of(message))

    def take_answer(self, answer: bytes) -> bytes:
        """Take an answer into effect; empty without a usable one."""
        try:
            if answer:
                self.negotiation.receive_answer(answer)
        except RemoteProtocolError:
            answer = b""
        if not answer:
            self.negotiation.cancel_offer()
        self._leg.out(self._leg.side.direct(answer))
        return answer

    # What the other leg changes

    def start(self, event: Update) -> None:
        """Pass the other leg's session change on; answered by an `Updated` event."""
        leg = self._leg
        if not self.is_free:
            leg.tell(PENDING)
        elif event.method == "UPDATE" and self._takes_update():
            self._send("UPDATE", leg.side.localize(event.body), is_refresh=False)
        elif leg.phase is Phase.CONFIRMED and self.floor.is_free:
            self._send("INVITE", leg.side.localize(event.body), is_refresh=False)
        else:
            leg.tell(PENDING)

    def _takes_update(self) -> bool:
        """Whether the far side takes an UPDATE with an offer now: once the first is answered."""
        is_agreed = self.negotiation.remote is not None
        is_open = self._leg.phase in {Phase.EARLY, Phase.CONFIRMED}
        return is_agreed and is_open and "UPDATE" in self._leg.peer_methods

    def refresh(self) -> None:
        """Refresh the session (RFC 4028 section 7.2).

        By UPDATE where the far side takes it, else by our last description again.
        """
        leg = self._leg
        if not (self.is_free and self.floor.is_free):
            self._refresh_later()
        elif "UPDATE" in leg.peer_methods:
            self._send("UPDATE", b"", is_refresh=True)
        else:
            self._send("INVITE", self.negotiation.local or b"", is_refresh=True)

    def _refresh_later(self) -> None:
        """Try again when the other side has had its turn (section 14.1)."""
        stack = self._leg.stack
        stack.set_timer(self._leg, "refresh", stack.tokens.uniform(2.1, 4.0))  # type: ignore[arg-type]

    def _send(self, method: str, body: bytes, *, is_refresh: bool) -> None:
        fields = [*self._leg.capabilities(), *self._leg.session.request_fields()]
        key = self._leg.request(method, with_body(fields, body), body)
        self._outgoing = _Outgoing(key, is_refresh, bool(body))
        if method == "INVITE":
            self.floor.inviting = True
        if body:
            self.negotiation.send_offer(body)

    def cancel(self) -> None:
        """Withdraw the session change that the other leg has cancelled."""
        if self._outgoing is not None and self._outgoing.key.method == "INVITE":
            self._leg.stack.cancel(self._outgoing.key)

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> bool:
        """Take a response to our session change; False when it is to none that is on its way."""
        outgoing = self._outgoing
        if outgoing is None or outgoing.key != key:
            return False
        if response.status < 200:
            return True
        if response.status in {401, 407}:
            again = self._leg.authorize_again(key, response, flow)
            if again is not None:
                outgoing.key = again
                return True
        self._end_outgoing(outgoing)
        if response.status < 300:
            self._agree(outgoing, response)
        else:
            self._refused(outgoing, response)
        return True

    def _end_outgoing(self, outgoing: _Outgoing) -> None:
        self._outgoing = None
        if outgoing.key.method == "INVITE":
            self.floor.inviting = False

    def _agree(self, outgoing: _Outgoing, response: Response) -> None:
        """Take the 2xx to our session change."""
        leg, is_invite = self._leg, outgoing.key.method == "INVITE"
        if leg.phase is Phase.ENDED:
            # The BYE has overtaken it: only the ACK is still owed.
            if is_invite:
                leg.send_ack(leg.dialog, response, b"")
            return
        leg.dialog.refresh_target(response)
        leg.note_peer(response)
        leg.session.confirm(response)
        leg.arm_session()
        body = b""
        if outgoing.has_offer:
            body = self.receive_answer(response)
        elif is_invite:
            body = self.receive_late_offer(response)
        if is_invite and self.unacknowledged is None:
            leg.send_ack(leg.dialog, response, b"")
        if not outgoing.is_refresh:
            leg.tell(Updated(200, "OK", body))

    def receive_late_offer(self, response: Response) -> bytes:
        """Take the offer that a 2xx carries: its ACK waits for the other leg's answer.

        Empty without a usable one.
        """
        offer = description_of(response)
        if offer:
            self.negotiation.receive_offer(offer)
            self.unacknowledged = response
        return offer

    def acknowledge(self, body: bytes) -> bool:
        """Send the ACK, with the answer, to a 2xx that carried an offer; False when none waits."""
        response, self.unacknowledged = self.unacknowledged, None
        leg = self._leg
        if response is None:
            return False
        answer = leg.side.localize(body)
        if answer:
            self.negotiation.send_answer(answer)
            leg.out(leg.side.direct(response.body))
        else:
            self.negotiation.cancel_offer()
        leg.send_ack(leg.dialog, response, answer)
        return True

    def _refused(self, outgoing: _Outgoing, response: Response) -> None:
        """Take the refusal of our session change: the session stays as it was (section 14.1)."""
        if outgoing.has_offer:
            self.negotiation.cancel_offer()
        if not outgoing.is_refresh:
            self._leg.tell(Updated(response.status, response.reason, b""))
        elif response.status == 491:
            self._refresh_later()
        if response.status in GONE:
            self._leg.lose_dialog()

    def fail(self, key: ClientKey) -> None:
        """Take that our session change was never answered."""
        outgoing = self._outgoing
        if outgoing is None or outgoing.key != key:
            return
        self._end_outgoing(outgoing)
        if outgoing.has_offer:
            self.negotiation.cancel_offer()
        if not outgoing.is_refresh:
            self._leg.tell(Updated(408, "Request Timeout", b""))

    def __repr__(self) -> str:
        return f"<SessionChange {self.negotiation!r} incoming={self._incoming is not None}>"
