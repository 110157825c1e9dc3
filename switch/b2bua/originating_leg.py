"""A B leg's beginning: an INVITE of ours until it is answered, refused or withdrawn.

RFC 3261 section 13.2, RFC 3262.
"""

from collections.abc import Sequence

from switch.b2bua.body import description_of, with_body
from switch.b2bua.event import Answer, Cause, Fail, Release, Ring, cause_of
from switch.b2bua.leg import ALLOW, Authorizer, Leg, LegListener
from switch.b2bua.media_role import MediaSide
from switch.b2bua.phase import Phase
from switch.sip import uac
from switch.sip.dialog.dialog import Dialog
from switch.sip.dialog.dialog_set import DialogSet
from switch.sip.dialog.reliable_provisional import ProvisionalOrder
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import ClientKey, FailureCause, ServerKey
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack
from switch.value import Value

MAX_INVITES = 6
"""INVITEs to one target: a challenge and a larger interval may alternate behind proxies."""


class Invitation(Value, frozen=True):
    """What a B leg's INVITE says besides its session."""

    uri: str
    caller: str
    """The From value, without tag."""
    callee: str
    """The To value."""
    max_forwards: int
    route: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    """Identity and what the header policy lets across."""
    contact_user: str = ""
    authorizer: Authorizer | None = None


class OriginatingLeg(Leg):
    """A leg on which the switch calls."""

    def __init__(
        self,
        stack: Stack,
        listener: LegListener,
        side: MediaSide,
        flow: Flow,
        session: SessionTimer,
        invitation: Invitation,
    ) -> None:
        super().__init__(stack, listener, side, flow, session)
        self.invitation = invitation
        self.authorizer = invitation.authorizer
        self.contact_user = invitation.contact_user
        self.call_id = stack.tokens.call_id()
        self.tag = stack.tokens.tag()
        self._cseq = stack.tokens.first_cseq()
        self._set = DialogSet()
        self._orders: dict[str, ProvisionalOrder] = {}
        self._invite: Request
        self._key: ClientKey | None = None
        self._offer = b""
        self._early = b""
        """The description of the last provisional that was not sent reliably.

        What the answer will be.
        """
        self._owes_answer = False
        """The far side has not answered the INVITE's offer."""
        self._is_authorized = False
        self._invites = 0
        self._withdrawn: Release | None = None
        self.is_heard = False
        """The far side has answered the INVITE, be it with a 100."""
        stack.keep_usage(self.tag, self)

    # What the call asks

    def invite(self, offer: bytes) -> None:
        """Send the INVITE with the other leg's offer, or without one to be offered a session."""
        self._offer = self.side.localize(offer)
        self._send_invite([])

    def release(self, event: Release) -> None:
        """End the leg, whatever it has come to: CANCEL before an answer, BYE after it."""
        if self.phase in {Phase.STARTING, Phase.EARLY}:
            if self._withdrawn is None:
                self._withdraw(event)
        elif self.phase is Phase.ANSWERED:
            # Nobody is left to answer the offer of the 2xx, which `end` acknowledges.
            self.bye(event)
        else:
            super().release(event)

    @property
    def sip_call_id(self) -> str:
        """The Call-ID of the leg's dialogs."""
        return self.call_id

    @property
    def local_tag(self) -> str:
        """Our tag, the same in every dialog that the INVITE has made."""
        return self.tag

    # The INVITE

    def _send_invite(self, extra: Sequence[Field]) -> None:
        wanted = self.invitation
        self._cseq += 1
        self._invites += 1
        # The final response to an earlier INVITE has ended its early dialogs (section 12.3).
        self._set = DialogSet()
        self._orders.clear()
        self._early = b""
        fields: list[Field] = [("Contact", self.contact()), ("Allow", ALLOW)]
        # A reliable provisional to an INVITE without offer would carry the offer; only offers of
        # ours invite it.
        fields.append(("Supported", "100rel, timer" if self._offer else "timer"))
        fields += self.session.request_fields()
        fields += wanted.fields
        fields += extra
        invite = uac.request(
            "INVITE",
            wanted.uri,
            via=self.stack.via(self.flow),
            route=wanted.route,
            max_forwards=wanted.max_forwards,
            from_=f"{wanted.caller};tag={self.tag}",
            to=wanted.callee,
            call_id=self.call_id,
            cseq=self._cseq,
            fields=with_body(fields, self._offer),
            body=self._offer,
        )
        self._invite = invite
        self.change.floor.inviting = True
        self.change.negotiation.cancel_offer()
        self._owes_answer = bool(self._offer)
        if self._offer:
            self.change.negotiation.send_offer(self._offer)
        self._key = self.stack.request(invite, self.flow, self)

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take a response, of the first INVITE or of what followed in the dialog."""
        if key != self._key:
            super().receive_response(key, response, flow)
            return
        self.is_heard = True
        if response.status < 200:
            self._receive_provisional(response, flow)
        elif response.status < 300:
            self._receive_success(response, flow)
        elif self.phase in {Phase.STARTING, Phase.EARLY}:
            self._receive_failure(response, flow)

    def _receive_provisional(self, response: Response, flow: Flow) -> None:
        if response.status == 100 or self._withdrawn is not None:
            return
        dialog = self._set.provisional(self._invite, response)
        if dialog is not None:
            self.phase = Phase.EARLY
            self.dialog = dialog
            self.flow = flow
            self.note_peer(response)
            if not self._acknowledge_provisional(dialog, response):
                return
        body = self._take_early(response)
        self.tell(Ring(response.status, body))

    def _acknowledge_provisional(self, dialog: Dialog, response: Response) -> bool:
        """Send the PRACK of a reliable provisional.

        False for a repeated or early one (RFC 3262 section 4).
        """
        if not response.has_token("require", "100rel"):
            return True
        order = self._orders.setdefault(dialog.remote_tag, ProvisionalOrder())
        rack = order.receive(response)
        if rack is None:
            return False
        self.request("PRACK", [("RAck", str(rack))])
        return True

    def _take_early(self, response: Response) -> bytes:
        """Take what a provisional describes.

        The answer when it is reliable, else a look ahead at it (RFC 6337 section 3.1).
        """
        body = description_of(response) if self._offer else b""
        if not body:
            return b""
        if self._owes_answer and response.has_token("require", "100rel"):
            answer = self.change.take_answer(body)
            self._owes_answer = not answer
            return answer
        if self._owes_answer:
            self._early = body
        self.out(self.side.direct(body))
        return body

    def _take_final(self, response: Response) -> bytes | None:
        """Take what the 2xx describes, our offer's answer or an offer.

        None when there is nothing to talk about.
        """
        if not self._offer:
            return self.change.receive_late_offer(response) or None
        body = description_of(response)
        if not self._owes_answer:
            # Answered in a reliable provisional; another branch of a fork may still say otherwise.
            self.out(self.side.direct(body))
            return body or self.change.negotiation.remote
        return self.change.take_answer(body or self._early) or None

    def _receive_success(self, response: Response, flow: Flow) -> None:
        if self.phase not in {Phase.STARTING, Phase.EARLY} or self._withdrawn is not None:
            self._receive_surplus(response, flow)
            return
        dialog = self._set.confirm(self._invite, response)
        self.dialog = dialog
        dialog.local_cseq = max(dialog.local_cseq, self._cseq)
        self.flow = flow
        self.note_peer(response)
        self.change.floor.inviting = False
        self.session.confirm(response)
        body = self._take_final(response)
        if self.change.unacknowledged is not None:
            self.phase = Phase.ANSWERED
        else:
            self.phase = Phase.CONFIRMED
            self.send_ack(dialog, response, b"")
        if body is None:
            self.bye(Release(Cause.INCOMPATIBLE))
            self.tell(Fail(488, "Not Acceptable Here", Cause.INCOMPATIBLE))
            return
        self.arm_session()
        self.tell(Answer(body))

    def _receive_surplus(self, response: Response, flow: Flow) -> None:
        """Take a 2xx that is repeated, forked, or has crossed our CANCEL.

        Sections 13.2.2.4 and 9.1.
        """
        octets = self.acks.find(response.to_tag, response.cseq.number)
        if octets is not None:
            self.stack.transmit_octets(octets, self.flow)
            return
        if (
            self.change.unacknowledged is not None
            and self.change.unacknowledged.to_tag == response.to_tag
        ):
            return
        dialog = self._set.confirm(self._invite, response)
        self.send_ack(dialog, response, b"")
        via = self.stack.via(flow)
        self.stack.request(dialog.request("BYE", via), flow, self)
        if self._withdrawn is not None and self.phase is not Phase.ENDED:
            self._fail(Fail(487, "Request Terminated", Cause.CANCELLED))

    def _receive_failure(self, response: Response, flow: Flow) -> None:
        if self._withdrawn is None and self._try_again(response, flow):
            return
        retry_after = response.first("retry-after")
        cause = cause_of(response.status)
        self._fail(Fail(response.status, response.reason, cause, retry_after))

    def _try_again(self, response: Response, flow: Flow) -> bool:
        """Repeat the INVITE with credentials or a larger session interval, when asked to.

        Section 22.2 and RFC 4028 section 7.4; False when the refusal stands.
        """
        if self._invites >= MAX_INVITES:
            return False
        if response.status == 422 and self.session.raise_interval(response):
            # Its credentials go with the old request, so that a challenge may come once more.
            self._is_authorized = False
            self._send_invite([])
            return True
        if response.status not in {401, 407} or self._is_authorized or self.authorizer is None:
            return False
        field = self.authorizer.authorize(self._invite, response, flow)
        if field is None:
            return False
        self._is_authorized = True
        self._send_invite([field])
        return True

    def _withdraw(self, event: Release) -> None:
        self._withdrawn = event
        if self._key is None:
            self._fail(Fail(487, "Request Terminated", Cause.CANCELLED))
            return
        self.stack.cancel(self._key, event.reason)

    def _receive_bye(self, key: ServerKey, request: Request) -> None:
        """Take a BYE; before the answer, where none belongs (section 15), the INVITE ends too."""
        if self.phase is Phase.EARLY:
            self.respond(key, request, 200)
            self.release(Release(Cause.NORMAL))
            self._fail(Fail(480, "Temporarily Unavailable", Cause.UNREACHABLE))
        else:
            super()._receive_bye(key, request)

    def fail_request(self, key: ClientKey, request: Request, cause: FailureCause, /) -> None:
        """Take that the far side never answered, or could not be reached."""
        if key != self._key:
            super().fail_request(key, request, cause)
        elif self.phase in {Phase.STARTING, Phase.EARLY}:
            status, reason = 408, "Request Timeout"
            if cause is FailureCause.TRANSPORT:
                status, reason = 503, "Service Unavailable"
            self._fail(Fail(status, reason, Cause.UNREACHABLE, is_unheard=True))

    def _fail(self, failure: Fail) -> None:
        self.end()
        # A 2xx that forked or crossed the CANCEL may still come; `forget` ends the wait for it.
        if self._withdrawn is None:
            self.finish()
        self.tell(failure)

    @property
    def far_tag(self) -> str:
        """The tag of the far side that has answered, or alerts; empty while nobody has."""
        return self._set.newest_tag

    def has_dialog(self, remote_tag: str) -> bool:
        """Tell whether one of the INVITE's dialogs is with a far side of this tag."""
        return self._set.find(remote_tag) is not None

    def _find(self, request: Request) -> Dialog | None:
        """Return the dialog, early or confirmed, that the request's tags name."""
        if request.call_id != self.call_id:
            return None
        dialog = self._set.find(request.from_tag)
        if dialog is not None and self._set.confirmed not in {None, dialog}:
            return None
        return dialog

    def finish(self) -> None:
        """Forget the dialogs: nothing of them is on its way any more."""
        self.stack.cancel_timer(self, "forget")
        self.stack.forget_usage(self.tag)
