"""The far sides of a recorded call: what phones and a carrier of usual talkativeness send."""

from collections.abc import Callable

from switch.sip.digest import Password, Responder
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse

SWITCH = Address("198.51.100.1", 5060)
DOMAIN = "example.test"
PASSWORD = "secret"  # noqa: S105 - of a recorded phone

Send = Callable[[bytes, Flow], None]

_SDP = (
    "v=0\r\n"
    "o={user} 8000 8000 IN IP4 {host}\r\n"
    "s=SIP Call\r\n"
    "c=IN IP4 {host}\r\n"
    "t=0 0\r\n"
    "m=audio {port} RTP/AVP 0 8 9 101\r\n"
    "a=sendrecv\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=ptime:20\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:9 G722/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
)
_ALLOW = "INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE"


class Party:
    """A phone, or a carrier's gateway, at an address of its own."""

    def __init__(self, user: str, host: str, send: Send) -> None:
        self.user = user
        self.flow = Flow(Transport.UDP, SWITCH, Address(host, 5060))
        self._host = host
        self._send = send
        self._serial = 0
        self._responder = Responder(user, Password(PASSWORD), realm=DOMAIN)

    def _write(self, start: str, lines: list[str], body: str = "") -> None:
        if body:
            lines = [*lines, "Content-Type: application/sdp"]
        text = "\r\n".join([start, *lines, f"Content-Length: {len(body)}", "", body])
        self._send(text.encode(), self.flow)

    def _sdp(self) -> str:
        return _SDP.format(user=self.user, host=self._host, port=10000 + 2 * (self._serial % 5000))

    def _via(self) -> str:
        self._serial += 1
        branch = f"z9hG4bK{self.user}{self._serial:012x}"
        return f"Via: SIP/2.0/UDP {self._host}:5060;branch={branch};rport"

    def _contact(self) -> str:
        return f"Contact: <sip:{self.user}@{self._host}:5060;transport=udp>"

    def _credentials(self, method: str, uri: str, response: Response | None) -> list[str]:
        if response is None:
            return []
        is_proxy = response.status == 407
        lines = response.all("proxy-authenticate" if is_proxy else "www-authenticate")
        self._responder.challenged(lines)
        value = self._responder.authorize(method, uri, b"", f"cnonce{self._serial:010x}")
        return [f"{'Proxy-' if is_proxy else ''}Authorization: {value}"]


class Registrant(Party):
    """A phone that registers."""

    def register(self, response: Response | None = None) -> None:
        """Send a REGISTER; with the response that challenged it, its credentials as well."""
        uri = f"sip:{DOMAIN}"
        via = self._via()
        self._write(
            f"REGISTER {uri} SIP/2.0",
            [
                via,
                f"From: <sip:{self.user}@{DOMAIN}>;tag=r{self._serial:x}",
                f"To: <sip:{self.user}@{DOMAIN}>",
                f"Call-ID: 1740213{self.user}-5060-1@BJC.BGI.B.CA",
                f"CSeq: {self._serial + 2000} REGISTER",
                f'{self._contact()};reg-id=1;+sip.instance="<urn:uuid:{self.user:0>36}>"',
                *self._credentials("REGISTER", uri, response),
                "Max-Forwards: 70",
                "User-Agent: Grandstream GXP2170 1.0.11.64",
                "Supported: path",
                "Expires: 3600",
                f"Allow: {_ALLOW}",
            ],
        )

    def receive(self, octets: bytes) -> None:
        """Answer the challenge."""
        message = parse(octets)
        if isinstance(message, Response) and message.status == 401:
            self.register(message)


class Caller(Party):
    """Who calls, answers a challenge, and hangs up as soon as the call is answered."""

    def call(self, number: str) -> None:
        """Send an INVITE."""
        self._number = number
        self._call_id = f"{self._serial:08x}-5060-{self.user}@{self._host}"
        self._tag = f"t{self._serial:010x}"
        self._cseq = 100
        self._invite(None)

    def receive(self, octets: bytes) -> None:
        """Take a response."""
        message = parse(octets)
        if not isinstance(message, Response) or message.status < 200:
            return
        if message.cseq.method == "INVITE" and message.status in {401, 407}:
            self._in_dialog("ACK", message, self._target(), via=self._invite_via)
            self._cseq += 1
            self._invite(message)
        elif message.cseq.method == "INVITE" and message.status == 200:
            contact = (message.first("contact") or "").strip("<>")
            self._in_dialog("ACK", message, contact)
            self._cseq += 1
            self._in_dialog("BYE", message, contact)
        elif message.status >= 300:
            raise AssertionError(octets.decode())

    def _target(self) -> str:
        return f"sip:{self._number}@{DOMAIN}"

    def _invite(self, response: Response | None) -> None:
        uri = self._target()
        self._invite_via = self._via()
        self._write(
            f"INVITE {uri} SIP/2.0",
            [
                self._invite_via,
                f'From: "{self.user}" <sip:{self.user}@{DOMAIN}>;tag={self._tag}',
                f"To: <{uri}>",
                f"Call-ID: {self._call_id}",
                f"CSeq: {self._cseq} INVITE",
                self._contact(),
                *self._credentials("INVITE", uri, response),
                "Max-Forwards: 70",
                "User-Agent: Grandstream GXP2170 1.0.11.64",
                "Privacy: none",
                f"P-Preferred-Identity: <sip:{self.user}@{DOMAIN}>",
                "P-Access-Network-Info: IEEE-EUI-48;eui-48-addr=00-0B-82-8A-12-34",
                "Supported: replaces, path, timer, eventlist",
                f"Allow: {_ALLOW}",
                "Accept: application/sdp, application/dtmf-relay",
            ],
            self._sdp(),
        )

    def _in_dialog(self, method: str, response: Response, uri: str, via: str = "") -> None:
        self._write(
            f"{method} {uri} SIP/2.0",
            [
                via or self._via(),
                f'From: "{self.user}" <sip:{self.user}@{DOMAIN}>;tag={self._tag}',
                f"To: {response.first('to')}",
                f"Call-ID: {self._call_id}",
                f"CSeq: {self._cseq} {method}",
                "Max-Forwards: 70",
                "User-Agent: Grandstream GXP2170 1.0.11.64",
            ],
        )


class Callee(Registrant):
    """A registered phone that rings and answers at once."""

    def receive(self, octets: bytes) -> None:
        """Take a request, or the answer to the registration."""
        message = parse(octets)
        if not isinstance(message, Request):
            super().receive(octets)
        elif message.method == "INVITE":
            self._respond(message, "100 Trying")
            self._respond(message, "180 Ringing")
            self._respond(message, "200 OK", self._sdp())
        elif message.method == "BYE":
            self._respond(message, "200 OK")

    def _respond(self, request: Request, status: str, body: str = "") -> None:
        self._serial += 1
        to = request.first("to") or ""
        if not request.to_tag and not status.startswith("100"):
            to += f";tag=c{request.call_id[:12]}"
        self._write(
            f"SIP/2.0 {status}",
            [
                *(f"Via: {value}" for value in request.all("via")),
                f"From: {request.first('from')}",
                f"To: {to}",
                f"Call-ID: {request.call_id}",
                f"CSeq: {request.first('cseq')}",
                self._contact(),
                "Supported: replaces, path, timer, eventlist",
                "User-Agent: Grandstream GXP2170 1.0.11.64",
                f"Allow: {_ALLOW}",
            ],
            body,
        )
