"""The A leg's beginning.

An INVITE that is rung, answered or refused (RFC 3261 section 13.3, RFC 3262).
"""

from switch.b2bua.body import with_body
from switch.b2bua.event import Accepted, Answer, Cause, Fail, Release, Ring
from switch.b2bua.leg import Leg, LegListener
from switch.b2bua.media_role import MediaSide
from switch.b2bua.phase import Phase
from switch.sdp.offer_answer import State as Offer
from switch.sip import uas
from switch.sip.dialog.dialog import Dialog
from switch.sip.dialog.reliable_provisional import ReliableProvisionals
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import FailureCause, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack


class AnsweringLeg(Leg):
    """The leg on which the call came in."""

    def __init__(
        self,
        stack: Stack,
        listener: LegListener,
        side: MediaSide,
        flow: Flow,
        session: SessionTimer,
        invite: Request,
    ) -> None:
        super().__init__(stack, listener, side, flow, session)
        self.invite = invite
        tag = stack.tokens.tag()
        self.dialog = Dialog.answering(invite, tag, stack.tokens.first_cseq())
        self._key = stack.accept(invite, flow, self)
        self._provisionals = ReliableProvisionals(stack.values, stack.tokens.first_cseq())
        self._held: Answer | None = None
        """The answer that waits for the PRACK of a provisional that carried a description.

        RFC 3262 section 3.
        """
        self.change.floor.invited = True
        if invite.body:
            self.change.negotiation.receive_offer(invite.body)
        stack.keep_usage(tag, self)
        self.note_peer(invite)

    @property
    def offer(self) -> bytes:
        """What the caller offered; empty when it wants to be offered something."""
        return self.invite.body

    # What the call asks

    def ring(self, event: Ring) -> None:
        """Tell the caller that the far side alerts, or let it hear early media."""
        if self.phase not in {Phase.STARTING, Phase.EARLY}:
            return
        self.phase = Phase.EARLY
        body = self.side.localize(event.body) if self._owes_answer else b""
        fields = with_body(self.capabilities(), body)
        response = self._response(event.status, None, fields, body)
        if not self._is_reliable(body):
            self.stack.respond(self._key, response)
            return
        if body:
            # An answer in a reliable provisional is the answer; the 2xx does not repeat it.
            self.change.negotiation.send_answer(body)
        self._send_reliably(self._provisionals.send(response))

    def answer(self, event: Answer) -> None:
        """Send the 2xx; it waits for the PRACK of a provisional that carried a description."""
        if self.phase not in {Phase.STARTING, Phase.EARLY}:
            return
        if self._provisionals.has_body:
            self._held = event
            return
        self._provisionals.stop()
        self.stack.cancel_timer(self, "provisional")
        self.phase = Phase.ANSWERED
        body = self._final_description(event.body)
        fields = [*self.capabilities(), *self.session.answer(self.invite)]
        self.arm_session()
        self.accept_invite(self._key, self._response(200, None, with_body(fields, body), body))
        self.tell(Accepted())

    def _final_description(self, body: bytes) -> bytes:
        """Return what the 2xx carries.

        The answer unless it has gone out already, or the offer to a late one.
        """
        if self._owes_answer:
            answer = self.side.localize(body)
            self.change.negotiation.send_answer(answer)
            return answer
        if self.invite.body:
            return b""
        offer = self.side.localize(body)
        self.change.negotiation.send_offer(offer)
        return offer

    def fail(self, event: Fail) -> None:
        """Refuse the call; one that is answered or over already stays so."""
        if self.phase not in {Phase.STARTING, Phase.EARLY}:
            return
        fields: list[Field] = [*event.fields]
        if event.retry_after is not None:
            fields.append(("Retry-After", event.retry_after))
        self._close(event.status, event.reason, fields)

    def release_unanswered(self) -> None:
        """Refuse the call when it has had no answer."""
        self.fail(Fail(480, uas.REASONS[480], Cause.FAILED))

    def release(self, event: Release) -> None:
        """End the leg: refuse what is not answered yet, hang up what is."""
        if self.phase in {Phase.STARTING, Phase.EARLY}:
            self._close(480, None, [])
        else:
            super().release(event)

    # What the far side does before the answer

    def receive_cancel(self, key: ServerKey, cancel: Request, /) -> None:
        """Take the CANCEL of the call (section 9.2), or of a later session change."""
        if key != self._key:
            super().receive_cancel(key, cancel)
        else:
            self._close(487, None, [])
            self.tell(Release(Cause.CANCELLED, cancel.first("reason")))

    def _receive_bye(self, key: ServerKey, request: Request) -> None:
        """Take a BYE; one inside the early dialog ends the INVITE too (section 15.1.2)."""
        if self.phase in {Phase.STARTING, Phase.EARLY}:
            self.respond(key, request, 200)
            self._close(487, None, [])
            self.tell(Release(Cause.CANCELLED, request.first("reason")))
        else:
            super()._receive_bye(key, request)

    def _receive_prack(self, key: ServerKey, request: Request) -> None:
        """Take a PRACK (RFC 3262 section 3)."""
        try:
            is_ours = self._provisionals.acknowledge(request)
        except RemoteProtocolError as fault:
            self.respond(key, request, fault.status)
            return
        if not is_ours:
            self.respond(key, request, 481)
            return
        # A new offer in a PRACK would have to be answered here and now; the caller can re-INVITE
        # instead.
        self.respond(key, request, 488 if request.body else 200)
        self.stack.cancel_timer(self, "provisional")
        self._send_reliably(self._provisionals.next())
        if self._held is not None:
            held, self._held = self._held, None
            self.answer(held)

    def fail_response(self, key: ServerKey, _cause: FailureCause, /) -> None:
        """Take that the final response could not be delivered."""
        if key == self._key and self.phase in {Phase.STARTING, Phase.EARLY}:
            # The transaction outlives its connection (RFC 6026); a final response ends it too.
            self._close(487, None, [])
            self.tell(Release(Cause.UNREACHABLE))

    def expire(self, timer: str) -> None:
        """Take a timer of the leg's."""
        if timer != "provisional":
            super().expire(timer)
            return
        again = self._provisionals.expire()
        if again is None:
            self._close(504, None, [])
            self.tell(Release(Cause.NO_ACK))
        else:
            self._send_reliably(again)

    # Small pieces

    @property
    def _owes_answer(self) -> bool:
        """Whether the INVITE's offer is open, and not that of an UPDATE that followed it."""
        is_open = self.change.negotiation.state is Offer.OFFER_RECEIVED
        return is_open and not self.change.is_asked

    def _is_reliable(self, body: bytes) -> bool:
        """Whether a provisional is sent reliably.

        When the caller insists, or when losing it would lose a description.
        """
        if self.invite.has_token("require", "100rel"):
            return True
        return bool(body) and self.invite.has_token("supported", "100rel")

    def _send_reliably(self, response: Response | None) -> None:
        if response is None:
            return
        self.stack.respond(self._key, response)
        after = self._provisionals.repeat_after
        assert after is not None  # noqa: S101 - it has just been sent
        self.stack.set_timer(self, "provisional", after)

    def _response(
        self, status: int, reason: str | None, fields: list[Field], body: bytes = b""
    ) -> Response:
        tag = self.dialog.local_tag
        return uas.respond(self.invite, status, reason, to_tag=tag, fields=fields, body=body)

    def _close(self, status: int, reason: str | None, fields: list[Field]) -> None:
        """Send the final failure and end."""
        self._provisionals.stop()
        self.stack.cancel_timer(self, "provisional")
        self.stack.respond(self._key, self._response(status, reason, fields))
        self.end()
        self.finish()
