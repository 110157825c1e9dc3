"""Cutting a TCP or TLS stream into messages (RFC 3261 section 18.3, RFC 5626 section 4.4.1)."""

import re

from switch.sip.bounds import MAX_MESSAGE
from switch.sip.errors import RemoteProtocolError
from switch.value import Atom, Value

PONG = b"\r\n"
"""What answers a `Ping`."""

_CONTENT_LENGTH = re.compile(
    rb"\r\n(?:content-length|l)[ \t]*+:((?:[^\r\n]|\r\n[ \t])*+)", re.IGNORECASE
)


class Ping(Atom, frozen=True, gc=False):
    """The peer sent a double CRLF and waits for a `PONG`."""


class Broken(Value, frozen=True):
    """The stream cannot be cut further: answer if the octets still allow it, then close."""

    octets: bytes
    error: RemoteProtocolError


Frame = bytes | Ping | Broken


class StreamFraming:
    """One connection's octets, cut into whole messages and keep-alives, however they arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._size = 0
        self._broken = False

    def __len__(self) -> int:
        """Return how many octets wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[Frame]:
        """Take what arrived, return what is whole now; nothing ever comes after a `Broken`."""
        frames: list[Frame] = []
        if self._broken:
            return frames
        self._buffer += octets
        while (frame := self._next()) is not None:
            frames.append(frame)
            if isinstance(frame, Broken):
                self._broken = True
                self._buffer.clear()
                break
        return frames

    def _next(self) -> Frame | None:
        if self._size == 0:
            if self._skip_keep_alive():
                return Ping()
            try:
                self._size = self._measure()
            except RemoteProtocolError as error:
                return Broken(bytes(self._buffer[:MAX_MESSAGE]), error)
        if self._size == 0 or len(self._buffer) < self._size:
            return None
        message = bytes(self._buffer[: self._size])
        del self._buffer[: self._size]
        self._size = self._searched = 0
        return message

    def _skip_keep_alive(self) -> bool:
        """Drop the CRLFs between messages; stop at each pair, which is a ping."""
        buffer = self._buffer
        while buffer.startswith(b"\r\n"):
            if buffer.startswith(b"\r\n\r\n"):
                del buffer[:4]
                return True
            if len(buffer) < 4 and b"\r\n\r\n".startswith(buffer):
                break
            del buffer[:2]
        return False

    def _measure(self) -> int:
        """Return the size of the message at the front, or 0 while its head is not whole."""
        buffer = self._buffer
        if buffer.startswith(b"\r"):
            if len(buffer) > 1 and buffer[1:2] != b"\n":
                raise RemoteProtocolError("the stream has a bare CR")
            return 0
        at = buffer.find(b"\r\n\r\n", max(0, self._searched - 3))
        self._searched = len(buffer)
        if at < 0:
            if len(buffer) > MAX_MESSAGE:
                raise RemoteProtocolError("the header is too long", status=513)
            return 0
        size = at + 4 + _content_length(bytes(buffer[: at + 2]))
        if size > MAX_MESSAGE:
            raise RemoteProtocolError("the message is too long", status=513)
        return size


def _content_length(head: bytes) -> int:
    stated = {value.strip(b" \t\r\n") for value in _CONTENT_LENGTH.findall(head)}
    if not stated:
        raise RemoteProtocolError("Content-Length is missing on a stream")
    digits = stated.pop()
    if stated or not digits.isdigit():
        raise RemoteProtocolError("Content-Length is malformed or repeated")
    digits = digits.lstrip(b"0") or b"0"
    if len(digits) > 6:
        raise RemoteProtocolError("the body is too long", status=513)
    return int(digits)
