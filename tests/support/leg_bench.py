"""One leg of a call on a real SIP stack, in virtual time; the test speaks for its far side."""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from media.plane import MediaAddress
from switch.b2bua.answering_leg import AnsweringLeg
from switch.b2bua.event import LegEvent
from switch.b2bua.leg import Authorizer, Leg
from switch.b2bua.media_role import MediaSide
from switch.b2bua.originating_leg import Invitation, OriginatingLeg
from switch.sip import uas
from switch.sip.dialog.session_timer import SessionTimer
from switch.sip.effect import Transmit
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from switch.sip.transaction.hop import echo
from tests.support.description import Description
from tests.support.exchange import COOKIE, LOCAL, UDP, request

CONTACT: Field = ("Contact", "<sip:far@192.0.2.7:5060>")
SDP: Field = ("Content-Type", "application/sdp")
ALLOW: Field = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, PRACK")
PORTS = (MediaAddress("192.0.2.1", 40000, 40001), MediaAddress("192.0.2.1", 40002, 40003))

FAR = Description("192.0.2.7", 6000).octets()
OTHER = Description("192.0.2.99", 7000).octets()
HELD = Description("192.0.2.7", 6000, direction="sendonly", version=2).octets()
RECODED = Description("192.0.2.7", 6000, payloads=(0,), version=2).octets()
TWO_STREAMS = FAR + b"m=video 6002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
URI = "sip:far@192.0.2.7:5060"


def invitation(
    route: tuple[str, ...] = (),
    fields: tuple[Field, ...] = (),
    authorizer: Authorizer | None = None,
) -> Invitation:
    """Say whom a B leg calls."""
    return Invitation(
        uri=URI,
        caller="<sip:101@example.jp>",
        callee="<sip:102@example.jp>",
        max_forwards=69,
        route=route,
        fields=fields,
        authorizer=authorizer,
    )


class LegBench:
    """A stack, the leg on it, what the leg told the call, and what it sent."""

    def __init__(self) -> None:
        tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
        self.stack = Stack([Listener(UDP.transport, LOCAL, LOCAL)], tokens, TimerValues())
        self.events: list[LegEvent] = []
        self.on_event: Callable[[LegEvent], None] | None = None
        self.leg: Leg
        self.remote_tag = "far"
        self._branches = 100
        self._cseq = 10

    # The call's side

    def hear(self, leg: Leg, event: LegEvent) -> None:
        """Take what the leg tells the call."""
        assert leg is self.leg
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def told(self) -> list[LegEvent]:
        """Return what the leg told since the last look."""
        events, self.events = self.events, []
        return events

    def side(self, streams: Sequence[MediaAddress] = PORTS) -> MediaSide:
        """Make the leg's media, its ports being there."""
        host = UDP.remote.host
        side = MediaSide(endpoint="call/x", call_id="call", source=host, session_id=5)
        side.allocate(len(streams))
        side.streams = tuple(streams)
        return side

    # The wire

    def sent(self) -> list[Request | Response]:
        """Return what was sent since the last look."""
        found = [parse(each.octets) for each in self.stack.out if isinstance(each, Transmit)]
        self.stack.out = [each for each in self.stack.out if not isinstance(each, Transmit)]
        return found

    def statuses(self) -> list[int]:
        """Return the statuses of the responses sent since the last look."""
        return [each.status for each in self.sent() if isinstance(each, Response)]

    def requests(self) -> list[Request]:
        """Return the requests sent since the last look."""
        return [each for each in self.sent() if isinstance(each, Request)]

    def last_request(self, method: str) -> Request:
        """Return the last request sent since the last look, which must have this method."""
        found = self.requests()[-1]
        assert found.method == method, found
        return found

    def arrive(self, message: Request | Response, flow: Flow = UDP) -> None:
        """Let a message arrive, as the core would take it."""
        read = parse(message.octets())
        if isinstance(read, Response):
            self.stack.perform(self.stack.layer.receive_response(read, flow, self.stack.now))
            return
        read.stamp(flow.remote.host, flow.remote.port)
        effects = self.stack.layer.receive_request(read, flow, self.stack.now)
        if effects is not None:
            self.stack.perform(effects)
            return
        usage = self.stack.usage(read.to_tag)
        assert usage is not None
        usage.receive_request(read, flow)

    def wait(self, seconds: float) -> None:
        """Let time pass, timers falling when they are due."""
        until = self.stack.now + seconds
        while (deadline := self.stack.next_deadline()) is not None and deadline <= until:
            self.stack.now = max(self.stack.now, deadline)
            self.stack.expire()
        self.stack.now = until

    # The far side

    def ask(
        self,
        method: str,
        *fields: Field,
        body: bytes = b"",
        cseq: int | None = None,
        tag: str | None = None,
    ) -> Request:
        """Send a request inside the dialog from the far side, and return it."""
        message = self.compose(method, fields, body, cseq, tag)
        self.arrive(message)
        return message

    def compose(
        self,
        method: str,
        fields: Iterable[Field] = (),
        body: bytes = b"",
        cseq: int | None = None,
        tag: str | None = None,
    ) -> Request:
        """Write a request inside the dialog as the far side would."""
        self._branches += 1
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        described = [SDP] if body and method != "INFO" else []
        return request(
            method,
            uri="sip:192.0.2.1:5060",
            branch=f"{COOKIE}{self._branches}",
            from_=f"<sip:far@example.jp>;tag={tag or self.remote_tag}",
            to=f"<sip:near@example.jp>;tag={self.near_tag}",
            call_id=self.leg.sip_call_id,
            cseq=cseq,
            fields=[CONTACT, *described, *fields],
            body=body,
        )

    @property
    def near_tag(self) -> str:
        """Our tag of the dialog."""
        if isinstance(self.leg, OriginatingLeg):
            return self.leg.tag
        return self.leg.dialog.local_tag

    def answer(
        self,
        asked: Request,
        status: int,
        *fields: Field,
        body: bytes = b"",
        tag: str | None = None,
    ) -> Response:
        """Answer a request of the leg's from the far side, and return the response."""
        described = [SDP] if body else []
        to_tag = None if asked.to_tag or status == 100 else (tag or self.remote_tag or None)
        head = echo(asked, to_tag)
        has_contact = any(name == "Contact" for name, _ in fields)
        contact = [] if has_contact else [CONTACT]
        response = Response(
            status, uas.reason_phrase(status), [*head, *contact, *described, *fields], body
        )
        self.arrive(response)
        return response


class Answering(LegBench):
    """An A leg; the test is the caller."""

    def __init__(self, *fields: Field, body: bytes = FAR) -> None:
        super().__init__()
        self.remote_tag = "a"
        described = [SDP] if body else []
        self.invite = request(fields=[CONTACT, ALLOW, *described, *fields], body=body)
        received = parse(self.invite.octets())
        assert isinstance(received, Request)
        received.stamp(UDP.remote.host, UDP.remote.port)
        self.answering = self.leg = AnsweringLeg(
            self.stack, self, self.side(), UDP, SessionTimer(), received
        )

    def cancel(self) -> None:
        """Cancel the INVITE."""
        cancel = request("CANCEL", branch=self.invite.branch)
        self.arrive(cancel)

    def ack(self, body: bytes = b"", cseq: int = 1) -> None:
        """Acknowledge a 2xx."""
        self.arrive(self.compose("ACK", body=body, cseq=cseq))


class Originating(LegBench):
    """A B leg; the test is the called phone."""

    def __init__(self, wanted: Invitation | None = None) -> None:
        super().__init__()
        self.originating = self.leg = OriginatingLeg(
            self.stack, self, self.side(), UDP, SessionTimer(), wanted or invitation()
        )

    def call(self, offer: bytes = OTHER) -> Request:
        """Send the INVITE."""
        self.originating.invite(offer)
        return self.last_request("INVITE")

    def establish(self) -> Request:
        """Call, and be answered; the leg is confirmed."""
        invite = self.call()
        self.answer(invite, 200, ALLOW, body=FAR)
        self.last_request("ACK")
        self.told()
        return invite
