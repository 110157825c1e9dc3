"""A phone over a plain UDP socket that says whatever an attacker with an account would say."""

import re

from switch.sip.message import Response
from switch.sip.parser import parse
from tests.support.credentials import Credentials
from tests.support.daemon import REALM, Daemon, Stranger

Fields = tuple[tuple[str, str], ...]

DESCRIPTION = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\n"
)

SDP: Fields = (("Content-Type", "application/sdp"),)


class Intruder(Stranger):
    """A socket with credentials, right or wrong, and no other rules."""

    def __init__(self, daemon: Daemon, user: str, password: str, source: str = "127.0.0.1") -> None:
        super().__init__(daemon, source)
        self.user = user
        self.credentials = Credentials(user, password)
        self._count = 0

    def write(
        self,
        method: str,
        user: str = "",
        fields: Fields = (),
        body: bytes = b"",
        **changes: str,
    ) -> bytes:
        """Write a request with credentials, once a challenge was taken; changes name From, To..."""
        self._count += 1
        unique = f"{self.port}-{self._count}"
        uri = changes.get("uri") or (f"sip:{user}@{REALM}" if user else f"sip:{REALM}")
        head: list[tuple[str, str]] = [
            ("Via", f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK-{unique};rport"),
            ("Max-Forwards", changes.get("hops", "70")),
            ("From", changes.get("sender", f"<sip:{self.user}@{REALM}>;tag=f{unique}")),
            ("To", changes.get("to", f"<sip:{user or self.user}@{REALM}>")),
            ("Call-ID", changes.get("call_id", f"call-{unique}")),
            ("CSeq", f"{self._count} {method}"),
            ("Contact", f"<{changes.get('contact', f'sip:{self.user}@{self.host}:{self.port}')}>"),
            *self.credentials.fields(method, uri),
            *fields,
            ("Content-Length", str(len(body))),
        ]
        lines = [f"{method} {uri} SIP/2.0", *(f"{name}: {value}" for name, value in head)]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body

    def final(self) -> Response:
        """Wait for a final response to the latest request; late ones to earlier tries pass by."""
        while True:
            message = parse(self.receive())
            if not isinstance(message, Response) or message.status < 200:
                continue
            if message.cseq.number >= self._count:
                return message

    def take_challenge(self, method: str) -> None:
        """Be challenged for a method, and answer that challenge from now on."""
        self.credentials.forget()
        user = "" if method == "REGISTER" else "199"
        self.send(self.write(method, user))
        assert self.credentials.take(self.final())

    def register(self) -> Response:
        """Register, being challenged first."""
        self.take_challenge("REGISTER")
        self.send(self.write("REGISTER"))
        return self.final()

    def next_request(self, method: str) -> bytes:
        """Wait for a request of this method."""
        while not (octets := self.receive()).startswith(method.encode() + b" "):
            pass
        return octets

    def respond(
        self, request: bytes, status: str, fields: Fields = (), body: bytes = b"", tag: str = "t"
    ) -> None:
        """Answer a request that came."""
        lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        kept = [line for line in lines if re.match(r"(?i)(via|from|to|call-id|cseq):", line)]
        kept = [
            f"{line};tag={tag}" if line.lower().startswith("to:") and "tag=" not in line else line
            for line in kept
        ]
        head = [f"SIP/2.0 {status}", *kept, f"Contact: <sip:{self.user}@{self.host}:{self.port}>"]
        head += [f"{name}: {value}" for name, value in fields]
        head.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(head).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body)
