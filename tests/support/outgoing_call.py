"""A call that a simulated phone makes: INVITE, provisional responses, forks, ACK, CANCEL."""

from dataclasses import dataclass

from switch.sip.message import Field, Request, Response
from tests.support.call import Caller, Draft, Phase, SimulatedCall
from tests.support.description import Description
from tests.support.dialog import Dialog, tag_of
from tests.support.transaction import ClientTransaction


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom a phone calls, as whom, and how."""

    uri: str
    caller: str
    """The whole From value, without tag."""
    body: bytes | None = None
    """Sent in place of the phone's own description."""
    described: bool = True
    """The INVITE carries an offer; else the offer is expected in the 2xx (a late offer)."""
    fields: tuple[Field, ...] = ()


class OutgoingCall(SimulatedCall):
    """The caller's side of a call."""

    def __init__(self, phone: Caller, call_id: str, tag: str, invitation: Invitation) -> None:
        super().__init__(phone, call_id, is_outgoing=True)
        self.invitation = invitation
        self.final_response: Response | None = None
        self.early: dict[str, Dialog] = {}
        self.forks: list[Dialog] = []
        """Dialogs of further 2xx responses, acknowledged and ended at once."""
        self.has_early_media = False
        self.cancel_status: int | None = None
        self._tag = tag
        self._cseq = 0
        self._invite: ClientTransaction | None = None
        self._cancel_wanted = False
        self._cancelled = False
        self._acks: dict[str, Request] = {}
        self._rseqs: dict[str, int] = {}

    @property
    def named_dialog(self) -> Dialog | None:
        """The dialog that stands, or the first early one."""
        return self.dialog or next(iter(self.early.values()), None)

    def start(self) -> None:
        """Send the INVITE."""
        self.phone.transact(self._draft, self._on_response, self._on_timeout, self._on_start)

    def _draft(self) -> Draft:
        self._cseq += 1
        invitation = self.invitation
        fields: list[Field] = [
            ("From", f"{invitation.caller};tag={self._tag}"),
            ("To", f"<{invitation.uri}>"),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self._cseq} INVITE"),
            ("Max-Forwards", "70"),
            *self.own_fields("INVITE"),
            *invitation.fields,
        ]
        if not invitation.described:
            return Draft("INVITE", invitation.uri, fields, invitation.body or b"")
        described: Field = ("Content-Type", "application/sdp")
        body = self.describe(self.local) if invitation.body is None else invitation.body
        return Draft("INVITE", invitation.uri, [*fields, described], body)

    def _on_start(self, transaction: ClientTransaction) -> None:
        self._invite = transaction

    def _on_timeout(self) -> None:
        self.statuses.append(408)
        self.end("time-out")

    def hang_up(self) -> None:
        """End the call: CANCEL while it rings, BYE when it is answered."""
        if self.phase in {Phase.CALLING, Phase.RINGING}:
            self._cancel_wanted = True
            if any(status < 200 for status in self.statuses):
                self._cancel()
            return
        super().hang_up()

    def _cancel(self) -> None:
        """Send CANCEL, once, after a provisional response only (9.1)."""
        if self._cancelled or self._invite is None:
            return
        self._cancelled = True
        invite = self._invite.request
        kept = [
            f for f in invite.fields if f[0] in {"Via", "From", "To", "Call-ID", "Max-Forwards"}
        ]
        cseq: Field = ("CSeq", f"{invite.cseq.number} CANCEL")
        cancel = Request("CANCEL", invite.uri, [*kept, cseq])
        self.phone.start(cancel, self._invite.flow, self._on_cancel_response)

    def _on_cancel_response(self, response: Response) -> None:
        self.cancel_status = response.status

    def _on_response(self, response: Response) -> None:
        tag = tag_of(response.first("to") or "")
        if response.status < 200:
            self._on_provisional(response, tag)
        elif response.status < 300:
            self._on_answer(response, tag)
        else:
            self.statuses.append(response.status)
            self.final_response = response
            self.end("us" if response.status == 487 else "them")

    def _on_provisional(self, response: Response, tag: str) -> None:
        self.statuses.append(response.status)
        if response.status > 100 and self.phase is not Phase.ENDED:
            self.phase = Phase.RINGING
        if tag and tag not in self.early:
            self.early[tag] = self._dialog(response)
        if response.body:
            self.has_early_media = True
            self.remote = Description.parse(response.body)
        if "100rel" in (response.first("require") or "") and tag:
            self._acknowledge_reliably(response, tag)
        if self._cancel_wanted:
            self._cancel()

    def _dialog(self, response: Response) -> Dialog:
        assert self._invite is not None
        return Dialog.of_caller(self._invite.request, response)

    def _acknowledge_reliably(self, response: Response, tag: str) -> None:
        """Send PRACK for the next provisional response in order (RFC 3262 section 4)."""
        rseq = int(response.first("rseq") or "0")
        if tag in self._rseqs and rseq != self._rseqs[tag] + 1:
            return
        self._rseqs[tag] = rseq
        dialog = self.early[tag]
        answers = response.body and not self.invitation.described
        body = (
            self.describe(self.local.answer(Description.parse(response.body))) if answers else b""
        )

        def draft() -> Draft:
            dialog.local_cseq += 1
            fields = dialog.fields("PRACK", dialog.local_cseq)
            rack: Field = ("RAck", f"{rseq} {response.first('cseq')}")
            described: list[Field] = [("Content-Type", "application/sdp")] if body else []
            return Draft("PRACK", dialog.remote_target, [*fields, rack, *described], body)

        self.phone.transact(draft, lambda _: None, lambda: None)

    def _on_answer(self, response: Response, tag: str) -> None:
        if tag in self._acks:
            self.repeat_ack(self._acks[tag])
            return
        if self._acks:
            self._leave_fork(response, tag)
            return
        self.statuses.append(response.status)
        self.final_response = response
        self.dialog = self.early.get(tag) or self._dialog(response)
        contact = response.first("contact")
        if contact is not None:
            self.dialog.remote_target = self._dialog(response).remote_target
        self.phase = Phase.CONFIRMED
        self._learn(response)
        self._acks[tag] = self._acknowledge(response, self.dialog)
        if self._cancel_wanted:
            super().hang_up()

    def _acknowledge(self, response: Response, dialog: Dialog) -> Request:
        answer = b""
        if (
            not self.invitation.described
            and response.body
            and tag_of(dialog.remote) not in self._rseqs
        ):
            answer = self.describe(self.local.answer(Description.parse(response.body)))
        return self.send_ack(dialog, response.cseq.number, answer)

    def _leave_fork(self, response: Response, tag: str) -> None:
        """Acknowledge another branch's 2xx and end its dialog (13.2.2.4)."""
        dialog = self.early.get(tag) or self._dialog(response)
        self.forks.append(dialog)
        self._acks[tag] = self._acknowledge(response, dialog)

        def draft() -> Draft:
            dialog.local_cseq += 1
            fields = dialog.fields("BYE", dialog.local_cseq)
            return Draft("BYE", dialog.remote_target, fields)

        self.phone.transact(draft, lambda _: None, lambda: None)
