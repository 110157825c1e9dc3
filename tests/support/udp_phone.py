"""A phone of a few lines on a real socket: registers, is called, calls as a carrier, hangs up."""

import hashlib
import re
import socket
from types import TracebackType
from typing import Self

SECONDS = 20
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\n"
)

_COPIED = re.compile(r"^((?:Via|From|To|Call-ID|CSeq|Record-Route):[^\r\n]*)", re.MULTILINE)


class UdpPhone:
    """Says what it is told, and reads what comes; it repeats nothing."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(SECONDS)
        self._server = server
        self._sent = 0

    def __enter__(self) -> Self:
        """Keep the socket open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._socket.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    def register(self, user: str, password: str, realm: str = "daihyo") -> str:
        """Register, answering the challenge; return the final response."""
        challenge = self._register(user, "")
        found = re.search(r'nonce="([^"]+)"[^\r\n]*algorithm=MD5', challenge)
        assert found is not None, challenge
        uri = "sip:127.0.0.1"
        secret = _md5(f"{user}:{realm}:{password}")
        response = _md5(f"{secret}:{found[1]}:00000001:c:auth:{_md5(f'REGISTER:{uri}')}")
        return self._register(
            user,
            f'Authorization: Digest username="{user}", realm="{realm}", nonce="{found[1]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, qop=auth, cnonce="c", '
            "nc=00000001\r\n",
        )

    def invite(self, number: str, call_id: str) -> None:
        """Call a number."""
        self._send(
            f"INVITE sip:{number}@127.0.0.1 SIP/2.0\r\n{self._via()}"
            f"Max-Forwards: 70\r\nFrom: <sip:0312345678@127.0.0.1>;tag={call_id}\r\n"
            f"To: <sip:{number}@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:127.0.0.1:{self.port}>\r\n",
            SDP,
        )

    def read(self, begin: str) -> str:
        """Read up to a message that begins so."""
        while True:
            text = self._socket.recv(65_535).decode()
            if text.startswith(begin):
                return text

    def answer(self, request: str, status: str, body: str = "") -> None:
        """Answer a request."""
        kept = _COPIED.findall(request)
        fields = [f"{line};tag=t" if _lacks_tag(line) else line for line in kept]
        contact = f"Contact: <sip:127.0.0.1:{self.port}>"
        self._send("\r\n".join([f"SIP/2.0 {status}", *fields, contact, ""]), body)

    def acknowledge(self, response: str, call_id: str) -> None:
        """Acknowledge a 200."""
        to = re.search(r"^(To:[^\r\n]*)", response, re.MULTILINE)
        contact = re.search(r"^Contact: <([^>]*)>", response, re.MULTILINE)
        assert to is not None
        assert contact is not None
        self._send(
            f"ACK {contact[1]} SIP/2.0\r\n{self._via()}Max-Forwards: 70\r\n"
            f"From: <sip:0312345678@127.0.0.1>;tag={call_id}\r\n{to[1]}\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 ACK\r\n"
        )

    def _register(self, user: str, authorization: str) -> str:
        self._send(
            f"REGISTER sip:127.0.0.1 SIP/2.0\r\n{self._via()}Max-Forwards: 70\r\n"
            f"From: <sip:{user}@127.0.0.1>;tag=1\r\nTo: <sip:{user}@127.0.0.1>\r\n"
            f"Call-ID: reg-{self.port}\r\nCSeq: {self._sent} REGISTER\r\n"
            f"Contact: <sip:{user}@127.0.0.1:{self.port}>\r\n{authorization}"
        )
        return self.read("SIP/2.0 ")

    def _via(self) -> str:
        self._sent += 1
        branch = f"z9hG4bK{self.port}-{self._sent}"
        return f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch={branch};rport\r\n"

    def _send(self, head: str, body: str = "") -> None:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        self._socket.sendto(text.encode(), self._server)


def _lacks_tag(line: str) -> bool:
    return line.startswith("To:") and ";tag=" not in line


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
