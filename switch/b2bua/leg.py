"""One leg of a call once its dialog stands: digits, acknowledgements, the end.

RFC 3261 sections 12, 13 and 15. How a leg begins is in `answering_leg` and `originating_leg`, how
its session changes in `session_change`. A leg turns what its far side does into call-control
events (`event.py`) and the other leg's events into requests and responses. It sees neither the
other leg nor routing.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from media.plane import MediaCommand
from switch.b2bua.body import with_body
from switch.b2bua.event import (
    Acknowledge,
    Cause,
    Inform,
    LegEvent,
    Refer,
    Release,
    Update,
    Updated,
)
from switch.b2bua.media_role import MediaSide
from switch.b2bua.phase import Phase
from switch.b2bua.session_change import GONE, SessionChange
from switch.sip import uas
from switch.sip.dialog.dialog import Dialog
from switch.sip.dialog.invite_usage import Acceptance, Acknowledgements
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import ClientKey, FailureCause, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.refer import FRAGMENT, Referral, fragment
from switch.sip.stack import Stack

METHODS = frozenset(
    {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO", "REFER", "SUBSCRIBE"}
)
ALLOW = ", ".join(sorted(METHODS))
EXTENSIONS = frozenset({"100rel", "timer", "replaces"})
SUPPORTED = ", ".join(sorted(EXTENSIONS))
REFERRAL = 180
"""Seconds that a REFER's progress is told for: as long as a target may ring."""

CAPABILITIES: list[Field] = [("Allow", ALLOW), ("Supported", SUPPORTED)]


class LegListener(Protocol):
    """The call, as its legs know it."""

    def hear(self, leg: "Leg", event: LegEvent) -> None:
        """Take what a leg's far side did."""


class Authorizer(Protocol):
    """Whoever answers a challenge on a leg's behalf (`switch.trunk.service`)."""

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
        self.stack = stack
        self.side = side
        self.flow = flow
        self.device = ""
        """The user name of the device at the far side; empty for a carrier."""
        self.session = session
        self.change = SessionChange(self)
        self.dialog: Dialog
        """Set as soon as there is one; nothing asks a leg for it before."""
        self.authorizer: Authorizer | None = None
        self.contact_user = ""
        self.peer_methods: frozenset[str] = frozenset()
        self.acks = Acknowledgements()
        self.listener = listener
        """The call that it belongs to; a leg may move from one to another."""
        self._acceptance: tuple[ServerKey, Response, Acceptance] | None = None
        self._bye_due: Release | None = None
        self._retries: set[ClientKey] = set()
        self._wants_progress: bool | None = None
        """Whether the far side wants to hear of the REFER that is being carried out."""

    # What the call asks of a leg

    def update(self, event: Update) -> None:
        """Pass the other leg's session change on; answered by an `Updated` event."""
        self.change.start(event)

    def cancel_update(self) -> None:
        """Withdraw the session change that the other leg has cancelled."""
        self.change.cancel()

    def answer_update(self, event: Updated) -> bool:
        """Answer the far side's session change; False when it no longer waits for an answer."""
        return self.phase is not Phase.ENDED and self.change.answer(event)

    def acknowledge(self, body: bytes) -> None:
        """Send the ACK, with the answer, to a 2xx that carried an offer."""
        if self.change.acknowledge(body) and self.phase is Phase.ANSWERED:
            self.phase = Phase.CONFIRMED
            self._send_due_bye()

    def inform(self, event: Inform) -> None:
        """Pass an INFO on (RFC 6086), to a far side that takes it."""
        if self.phase is Phase.CONFIRMED and "INFO" in self.peer_methods:
            self.request("INFO", [("Content-Type", event.content_type)], event.body)

    def release(self, event: Release) -> None:
        """End the leg: BYE now, or as soon as the far side may get one (section 15)."""
        if self.phase is Phase.CONFIRMED:
            self.bye(event)
        elif self.phase is Phase.ANSWERED:
            self._bye_due = event

    @property
    def sip_call_id(self) -> str:
        """The Call-ID of the leg's dialog."""
        return self.dialog.call_id

    def has_dialog(self, remote_tag: str) -> bool:
        """Tell whether the leg has a dialog with a far side of this tag."""
        return self.dialog.remote_tag == remote_tag

    @property
    def far_tag(self) -> str:
        """The far side's tag; empty while there is none."""
        return self.dialog.remote_tag

    def release_unanswered(self) -> None:
        """Refuse a leg that has had no answer; one that has had it is left as it is."""

    @property
    def local_tag(self) -> str:
        """Our tag in the leg's dialogs."""
        return self.dialog.local_tag

    # Requests inside the dialog

    def receive_request(self, request: Request, flow: Flow) -> None:
        """Take a request inside the dialog that no transaction knew."""
        dialog = self._find(request)
        if dialog is None:
            self.stack.refuse(request, flow, 481)
        elif request.method == "ACK":
            self._receive_ack(request)
        elif not dialog.accept(request):
            self.stack.refuse(request, flow, 500, [("Retry-After", "0")])
        else:
            self._accept(request, flow)

    def _accept(self, request: Request, flow: Flow) -> None:
        # A phone behind NAT is reached where it last spoke from, not where its Contact says.
        self.flow = flow
        key = self.stack.accept(request, flow, self)
        match request.method:
            case "BYE":
                self._receive_bye(key, request)
            case _ if self.phase is Phase.ENDED:
                self.respond(key, request, 481)
            case "INVITE" | "UPDATE":
                self.change.receive(key, request)
            case "PRACK":
                self._receive_prack(key, request)
            case "INFO":
                self.respond(key, request, 200)
                content_type = request.first("content-type") or ""
                self.tell(Inform(content_type, request.body))
            case "OPTIONS":
                self.respond(key, request, 200, fields=CAPABILITIES)
            case "REFER":
                self._receive_refer(key, request)
            case _:
                self.respond(key, request, 405, fields=[("Allow", ALLOW)])

    def _find(self, request: Request) -> Dialog | None:
        """Return the dialog that the request's tags name."""
        dialog = self.dialog
        asked = request.call_id, request.from_tag
        return dialog if asked == (dialog.call_id, dialog.remote_tag) else None

    def _receive_bye(self, key: ServerKey, request: Request) -> None:
        self.respond(key, request, 200)
        if self.phase is not Phase.ENDED:
            reason = request.first("reason")
            self.end()
            self.tell(Release(Cause.NORMAL, reason))

    def _receive_refer(self, key: ServerKey, request: Request) -> None:
        """Take a REFER; what comes of it is told by `progress` (RFC 3515 section 2.4)."""
        if self.phase is not Phase.CONFIRMED or self._wants_progress is not None:
            self.respond(key, request, 491 if self.phase is Phase.CONFIRMED else 481)
            return
        try:
            referral = Referral.of(request)
        except RemoteProtocolError as fault:
            self.respond(key, request, fault.status or 400)
            return
        fields: list[Field] = [("Contact", self.contact())]
        if not referral.wants_progress:
            fields.append(("Refer-Sub", "false"))
        self.respond(key, request, 202, fields=fields)
        self._wants_progress = referral.wants_progress
        self.progress(100, "Trying")
        self.tell(Refer(referral))

    def progress(self, status: int, reason: str) -> None:
        """Tell the far side how far its REFER is; a final status ends the matter."""
        wanted = self._wants_progress
        if status >= 200:
            self._wants_progress = None
        if not wanted or self.phase is not Phase.CONFIRMED:
            return
        state = "terminated;reason=noresource" if status >= 200 else f"active;expires={REFERRAL}"
        fields = [("Event", "refer"), ("Subscription-State", state), ("Content-Type", FRAGMENT)]
        self.request("NOTIFY", [("Contact", self.contact()), *fields], fragment(status, reason))

    def _receive_prack(self, key: ServerKey, request: Request) -> None:
        """Answer a PRACK; only an answering leg has provisionals to be acknowledged."""
        self.respond(key, request, 481)

    def accept_invite(self, key: ServerKey, response: Response) -> None:
        """Send a 2xx to an INVITE, and again until its ACK comes."""
        acceptance = Acceptance(self.stack.values)
        self._acceptance = key, response, acceptance
        self.stack.respond(key, response)
        self.stack.set_timer(self, "acceptance", acceptance.start())

    def _receive_ack(self, request: Request) -> None:
        if self._acceptance is None or self._acceptance[1].cseq.number != request.cseq.number:
            return
        self._acceptance = None
        self.stack.cancel_timer(self, "acceptance")
        self.change.floor.invited = False
        if self.phase is Phase.ANSWERED:
            self.phase = Phase.CONFIRMED
        if self.change.has_offered_by_2xx:
            self.tell(Acknowledge(self.change.receive_answer(request)))
        self._send_due_bye()

    # Requests of our own inside the dialog

    def request(
        self, method: str, fields: list[Field] | None = None, body: bytes = b""
    ) -> ClientKey:
        """Send a request inside the dialog."""
        via = self.stack.via(self.flow)
        request = self.dialog.request(method, via, fields=fields, body=body)
        return self.stack.request(request, self.flow, self)

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take a response to a request inside the dialog."""
        if self.change.receive_response(key, response, flow):
            pass
        elif key.method == "INVITE":
            self.repeat_ack(response)
        elif response.status >= 200:
            self._receive_final(key, response, flow)
        if response.status >= 200:
            self._retries.discard(key)

    def _receive_final(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take the final response to a BYE, PRACK or INFO of ours."""
        is_challenge = response.status in {401, 407}
        if is_challenge and self.authorize_again(key, response, flow) is not None:
            return
        if key.method == "BYE":
            self._finish_if_over()
        elif response.status in GONE and key.method != "NOTIFY":
            # Who does not know a REFER's subscription any more may talk on (RFC 5057 section 5.1).
            self.lose_dialog()

    def _finish_if_over(self) -> None:
        """Take the end of a BYE of ours; one to the other branch of a fork ends only that."""
        if self.phase is Phase.ENDED:
            self.finish()

    def authorize_again(self, key: ClientKey, response: Response, flow: Flow) -> ClientKey | None:
        """Repeat a challenged request, once, with the challenge's answer.

        None when it is not ours to answer.
        """
        request = self.stack.layer.sent(key)
        if key in self._retries or self.authorizer is None or request is None:
            return None
        field = self.authorizer.authorize(request, response, flow)
        if field is None:
            return None
        fields = [f for f in request.fields if f[0] not in _DIALOG_FIELDS]
        again = self.request(request.method, [*fields, field], request.body)
        self._retries.add(again)
        return again

    def send_ack(self, dialog: Dialog, response: Response, body: bytes) -> None:
        """Acknowledge a 2xx (section 13.2.2.4), and remember the ACK for its repetitions."""
        number = response.cseq.number
        via = self.stack.via(self.flow)
        invite = self.stack.layer.sent(ClientKey(response.branch, "INVITE"))
        credentials = invite.copy_fields(_CREDENTIALS) if invite is not None else []
        fields = with_body(credentials, body)
        ack = dialog.request("ACK", via, cseq=number, fields=fields, body=body)
        self.acks.keep(dialog.remote_tag, number, ack.octets())
        self.stack.transmit(ack, self.flow)

    def repeat_ack(self, response: Response) -> bool:
        """Acknowledge a 2xx that is repeated; False when it was not acknowledged before."""
        octets = self.acks.find(response.to_tag, response.cseq.number)
        if octets is None or response.status >= 300:
            return False
        self.stack.transmit_octets(octets, self.flow)
        return True

    # Failures and timers

    def fail_request(self, key: ClientKey, _request: Request, _cause: FailureCause, /) -> None:
        """Take that a request of ours inside the dialog was never answered (section 12.2.1.2)."""
        self._retries.discard(key)
        if key.method == "BYE":
            self._finish_if_over()
            return
        self.change.fail(key)
        self.lose_dialog()

    def fail_response(self, key: ServerKey, _cause: FailureCause, /) -> None:
        """Take that a final response could not be delivered.

        Its acceptance timer ends the matter.
        """

    def receive_cancel(self, _key: ServerKey, _cancel: Request, /) -> None:
        """Take the CANCEL of a session change that is not yet answered."""
        self.change.receive_cancel()

    def expire(self, timer: str) -> None:
        """Take a timer of the leg's."""
        match timer:
            case "acceptance":
                self._repeat_acceptance()
            case "refresh":
                self.change.refresh()
            case "session":
                self._release_itself(Cause.SESSION_EXPIRED)
            case _:
                self.finish()

    def _repeat_acceptance(self) -> None:
        assert self._acceptance is not None  # noqa: S101 - its timer runs only with it
        key, response, acceptance = self._acceptance
        after = acceptance.expire()
        if after is not None:
            self.stack.respond(key, response)
            self.stack.set_timer(self, "acceptance", after)
            return
        # Section 13.3.1.4: without an ACK the dialog stands, but the session should end.
        self._acceptance = None
        self.phase = Phase.CONFIRMED
        self._release_itself(Cause.NO_ACK)

    def _release_itself(self, cause: Cause) -> None:
        """End the leg of our own accord, and tell the call."""
        self.bye(Release(cause))
        self.tell(Release(cause))

    def lose_dialog(self) -> None:
        """End the leg whose dialog the far side no longer knows."""
        if self.phase in {Phase.CONFIRMED, Phase.ANSWERED}:
            self.phase = Phase.CONFIRMED
            self._release_itself(Cause.DIALOG_LOST)

    def bye(self, event: Release) -> None:
        """Hang up."""
        self.end()
        self.request("BYE", [("Reason", event.reason)] if event.reason else None)

    def _send_due_bye(self) -> None:
        if self._bye_due is not None and self.phase is Phase.CONFIRMED:
            due, self._bye_due = self._bye_due, None
            self.bye(due)

    def end(self) -> None:
        """Stop everything but the dialog's name, which stays until late requests have passed."""
        for timer in ("acceptance", "refresh", "session"):
            self.stack.cancel_timer(self, timer)
        self.change.stop()
        self._acceptance = None
        self.phase = Phase.ENDED
        # Requests that crossed the BYE are still answered (481, or 200 to a BYE) for as long as
        # they may be repeated.
        self.stack.set_timer(self, "forget", self.stack.values.transaction_timeout)

    def finish(self) -> None:
        """Forget the dialog: nothing of it is on its way any more."""
        self.stack.cancel_timer(self, "forget")
        self.stack.forget_usage(self.dialog.local_tag)

    # Small pieces

    def respond(
        self,
        key: ServerKey,
        request: Request,
        status: int,
        reason: str | None = None,
        fields: list[Field] | None = None,
    ) -> None:
        """Answer a request inside the dialog."""
        tag = self.local_tag
        response = uas.respond(request, status, reason, to_tag=tag, fields=fields or [])
        self.stack.respond(key, response)

    def contact(self) -> str:
        """Return our Contact as this leg's far side can reach it."""
        return self.stack.contact(self.flow, self.contact_user)

    def capabilities(self) -> list[Field]:
        """Return Contact, Allow and Supported."""
        return [("Contact", self.contact()), *CAPABILITIES]

    def note_peer(self, message: Request | Response) -> None:
        """Remember which methods the far side allows, when it says so."""
        lines = message.all("allow")
        if lines:
            self.peer_methods = _methods(", ".join(lines))

    def arm_session(self) -> None:
        """Arm what the session timer asks for.

        Our refresh, or the end when theirs stays away.
        """
        if self.phase in {Phase.STARTING, Phase.EARLY}:
            return  # What an early UPDATE settles, the 2xx of the INVITE settles again.
        for timer, delay in (
            ("refresh", self.session.refresh_after),
            ("session", self.session.expire_after),
        ):
            if delay is None:
                self.stack.cancel_timer(self, timer)
            else:
                self.stack.set_timer(self, timer, delay)

    def tell(self, event: LegEvent) -> None:
        """Tell the call what the far side did."""
        self.listener.hear(self, event)

    def out(self, commands: Sequence[MediaCommand]) -> None:
        """Command the media plane."""
        self.stack.out.extend(commands)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.side.endpoint} {self.phase.name}>"


_DIALOG_FIELDS = frozenset(
    {"Via", "Route", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Authorization",
     "Proxy-Authorization"}
)  # fmt: skip
"""What `Dialog.request` writes itself, and credentials that the challenge has outdated."""

_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
"""What an ACK repeats of its INVITE (section 13.2.2.4)."""


@lru_cache(maxsize=128)
def _methods(allow: str) -> frozenset[str]:
    """Read the methods of ours among those of an Allow, which phones of one make spell alike."""
    return METHODS & {token.strip().upper() for token in allow.split(",")}
