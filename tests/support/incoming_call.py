"""A call that comes to a simulated phone: it rings, answers or refuses as its manner says."""

from switch.sip.message import Field, Request
from tests.support.call import Caller, Phase, SimulatedCall
from tests.support.description import Description
from tests.support.dialog import Dialog
from tests.support.manner import Manner
from tests.support.response import respond
from tests.support.transaction import TIMEOUT, Repeater, ServerTransaction


class IncomingCall(SimulatedCall):
    """The called phone's side of a call."""

    def __init__(
        self, phone: Caller, tag: str, transaction: ServerTransaction, manner: Manner
    ) -> None:
        request = transaction.request
        super().__init__(phone, request.call_id, is_outgoing=False)
        self.invite = request
        self.manner = manner
        self.tag = tag
        self.dialog = Dialog.of_callee(request, tag)
        self.was_cancelled = False
        self.pracks = 0
        self.has_late_offer = not request.body
        self._transaction = transaction
        self._rseq = 0
        self._provisional: Repeater | None = None
        self._answer_waits = False
        self._described_reliably = False
        if request.body:
            self.remote = Description.parse(request.body)

    def begin(self) -> None:
        """Do what the manner says, each thing in its time."""
        manner, network = self.manner, self.phone.network
        if manner.is_mute:
            return
        if manner.ring_after is not None:
            network.after(manner.ring_after, self.ring)
        if manner.answer_after is not None:
            network.after(manner.answer_after, self.answer)

    @property
    def _is_open(self) -> bool:
        return self.phase in {Phase.CALLING, Phase.RINGING} and self._transaction.final is None

    def ring(self) -> None:
        """Send the provisional response."""
        if not self._is_open:
            return
        self.phase = Phase.RINGING
        manner = self.manner
        if manner.reliable and "100rel" in ",".join(self._options()):
            self._ring_reliably()
            return
        body = self._description() if manner.ring_described and not self.has_late_offer else b""
        self._respond(manner.ring_status, body=body)
        if manner.rings_twice:
            self._respond(manner.ring_status, to=self._other_branch())

    def _options(self) -> list[str]:
        return [*self.invite.all("supported"), *self.invite.all("require")]

    def _ring_reliably(self) -> None:
        """Send the provisional response until its PRACK comes (RFC 3262 section 3)."""
        self._rseq += 1
        body = self._description() if self.manner.ring_described else b""
        self._described_reliably = bool(body)
        fields: tuple[Field, ...] = (("Require", "100rel"), ("RSeq", str(self._rseq)))
        response = self.response(self.invite, self.manner.ring_status, fields=fields, body=body)
        self.statuses.append(response.status)
        self._transaction.respond(response)
        octets, flow = response.octets(), self._transaction.flow
        self._provisional = Repeater(
            self.phone,
            lambda: self.phone.send(octets, flow),
            ceiling=TIMEOUT,
            repeats=True,
            give_up=lambda: self.reject(504),
        )

    def receive_prack(self, request: Request, transaction: ServerTransaction) -> None:
        """Stop repeating the provisional response; a PRACK may answer a late offer."""
        rack = (request.first("rack") or "").split()
        wanted = [str(self._rseq), str(self.invite.cseq.number), "INVITE"]
        if self._provisional is None or rack != wanted:
            transaction.respond(self.response(request, 481))
            return
        self._provisional.stop()
        self._provisional = None
        self.pracks += 1
        if request.body:
            self.remote = Description.parse(request.body)
        transaction.respond(self.response(request, 200))
        if self._answer_waits:
            self.answer()

    def answer(self) -> None:
        """Send the final response of the manner."""
        if not self._is_open:
            return
        if self._provisional is not None:
            self._answer_waits = True
            return
        if self.manner.answer_status >= 300:
            self.reject(self.manner.answer_status)
            return
        self.statuses.append(200)
        self.phase = Phase.CONFIRMED
        body = b"" if self._described_reliably else self._description()
        self._offering = self.has_late_offer and not self._described_reliably
        if self.manner.answer_body is not None:
            body = self.manner.answer_body
        self.accept(self.invite, self._transaction, body)
        self._misbehave(body)
        if self.manner.hang_up_after is not None:
            self.phone.network.after(self.manner.hang_up_after, self.hang_up)

    def _misbehave(self, body: bytes) -> None:
        if self.manner.forks:
            contact: Field = ("Contact", f"<{self.phone.contact}>")
            self._respond(200, to=self._other_branch(), fields=(contact,), body=body)
        if self.manner.second_status is not None:
            self._respond(self.manner.second_status)

    def _other_branch(self) -> str:
        return f"{self.invite.first('to')};tag={self.tag}-fork"

    def reject(self, status: int) -> None:
        """Refuse the call."""
        if not self._is_open:
            return
        if self._provisional is not None:
            self._provisional.stop()
            self._provisional = None
        self._respond(status, fields=self.manner.answer_fields)
        self.end("us")

    def cancel(self) -> None:
        """Take a CANCEL: the INVITE ends in 487 unless it has ended already (9.2)."""
        if not self._is_open:
            return
        self.was_cancelled = True
        if self._provisional is not None:
            self._provisional.stop()
        self._respond(487)
        self.end("them")

    def hang_up(self) -> None:
        """End the call: refuse it while it rings, BYE when it is answered."""
        if self.manner.is_mute:
            return
        if self._is_open:
            self.reject(603)
        else:
            super().hang_up()

    def _description(self) -> bytes:
        """Describe the phone's media: an answer, or the offer when the INVITE brought none."""
        if self.remote is None:
            return self.describe(self.local)
        self.local = self.local.answer(self.remote)
        return self.describe(self.local)

    def _respond(
        self,
        status: int,
        *,
        to: str | None = None,
        fields: tuple[Field, ...] = (),
        body: bytes = b"",
    ) -> None:
        self.statuses.append(status)
        contact: Field = ("Contact", f"<{self.phone.contact}>")
        own = (contact,) if 100 < status < 200 else ()
        tagged = self.dialog.local if self.dialog and to is None else to
        response = respond(self.invite, status, to=tagged, fields=(*own, *fields), body=body)
        if self._transaction.final is not None or to is not None:
            self.phone.send(response.octets(), self._transaction.flow)
        else:
            self._transaction.respond(response)
