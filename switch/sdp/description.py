"""Session descriptions (RFC 8866): typed where the switch acts on them, verbatim everywhere else.

Lines that are not understood keep their place and their octets (text is UTF-8 with surrogate
escapes). Line ends may be a bare LF, and the last one may be missing, as RFC 8866 section 5 tells
readers to bear; what is written ends its lines with CRLF.
"""

import re
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address

from switch.sip.errors import RemoteProtocolError
from switch.value import Atom

MAX_OCTETS = 16_384
"""An offer of a browser with every codec stays below 8 kB."""

MAX_LINES = 512
"""Some ten times the lines of a phone's richest offer."""

MAX_MEDIA = 16
"""Media lines: audio, video, image and what calls have carried before in those places."""


UNSPECIFIED = frozenset({"0.0.0.0", "::", "0:0:0:0:0:0:0:0"})  # noqa: S104 - compared, not bound
"""Addresses that mean nowhere, as descriptions write them."""


class SdpError(RemoteProtocolError):
    """A description cannot be used: 400 when it breaks the syntax, 488 when it is beyond us."""


class Direction(StrEnum):
    """Which way media flows, seen by who wrote the description (RFC 8866 section 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @classmethod
    def of(cls, *, sends: bool, receives: bool) -> "Direction":
        """Return the direction that sends and receives so."""
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE

    @property
    def sends(self) -> bool:
        """Whether the writer sends."""
        return self in {Direction.SENDRECV, Direction.SENDONLY}

    @property
    def receives(self) -> bool:
        """Whether the writer receives."""
        return self in {Direction.SENDRECV, Direction.RECVONLY}

    @property
    def reversed(self) -> "Direction":
        """The same flow as the other side sees it."""
        return Direction.of(sends=self.receives, receives=self.sends)


DIRECTIONS = {direction.value: direction for direction in Direction}


class Line(Atom, frozen=True, gc=False):
    """One line: its type letter and its value."""

    kind: str
    value: str

    @property
    def direction(self) -> Direction | None:
        """The direction that the line states, if it does."""
        return DIRECTIONS.get(self.value) if self.kind == "a" else None

    def __str__(self) -> str:
        return f"{self.kind}={self.value}\r\n"


class Origin(Atom, frozen=True, gc=False):
    """What an o= line of ours says: which description, and in which version (section 5.2)."""

    session_id: int
    version: int
    """Grows by one with each change (RFC 3264 section 8)."""
    address: str
    """An address literal, IPv6 without brackets."""

    @property
    def line(self) -> Line:
        """The o= line; it names no user."""
        family = family_of(self.address)
        return Line("o", f"- {self.session_id} {self.version} IN {family} {self.address}")


_ORIGIN = re.compile(r"[^ ]+ [^ ]+ [^ ]+ IN [^ ]+ [^ ]+")
_CONNECTION = re.compile(r"IN (?:IP4|IP6) ([^ /]+)(?:/[0-9/]*)?")
_RTCP = re.compile(r"rtcp:([0-9]{1,5})(?: .*)?")
_MEDIA = re.compile(r"([^ ]+) ([0-9]{1,5})(/[0-9]+)? ([^ ]+) (.+)")


class MediaDescription(Atom, frozen=True, gc=False):
    """One m= line with the lines that belong to it."""

    media: str
    port: int
    ports: str
    """The number of ports as written, with its slash; mostly empty."""
    proto: str
    formats: str
    """The formats as written: RTP payload types or others."""
    lines: tuple[Line, ...]
    """What follows the m= line."""

    @property
    def host(self) -> str | None:
        """The connection address of the stream's own c= line."""
        return _host_in(self.lines)

    @property
    def direction(self) -> Direction | None:
        """The stream's own direction; of several lines the last counts."""
        return _direction_in(self.lines)

    @property
    def rtcp_port(self) -> int:
        """The RTCP port: that of a=rtcp (RFC 3605), else the one above."""
        port = min(self.port + 1, 65535)
        for line in self.lines:
            match = _RTCP.fullmatch(line.value) if line.kind == "a" else None
            if match and 0 < int(match[1]) < 65536:
                port = int(match[1])
        return port

    def __str__(self) -> str:
        head = f"m={self.media} {self.port}{self.ports} {self.proto} {self.formats}\r\n"
        return head + "".join(map(str, self.lines))


class SessionDescription(Atom, frozen=True, gc=False):
    """A whole description: the session's lines and the media in order."""

    lines: tuple[Line, ...]
    media: tuple[MediaDescription, ...]

    @property
    def host(self) -> str | None:
        """The session's connection address."""
        return _host_in(self.lines)

    @property
    def direction(self) -> Direction:
        """The direction of streams that state none."""
        return _direction_in(self.lines) or Direction.SENDRECV

    def host_of(self, media: MediaDescription) -> str:
        """Return a stream's connection address; empty when there is none."""
        return media.host or self.host or ""

    def direction_of(self, media: MediaDescription) -> Direction:
        """Return a stream's direction; an unspecified address is a hold (RFC 3264 section 8.4)."""
        direction = media.direction or self.direction
        if direction.receives and is_unspecified(self.host_of(media)):
            return Direction.of(sends=direction.sends, receives=False)
        return direction

    def __str__(self) -> str:
        return "".join(map(str, self.lines)) + "".join(map(str, self.media))

    def octets(self) -> bytes:
        """Write the description as it goes over the wire."""
        return str(self).encode("utf-8", "surrogateescape")


def _host_in(lines: tuple[Line, ...]) -> str | None:
    """Return the address of the first c= line."""
    for line in lines:
        if line.kind == "c":
            match = _CONNECTION.fullmatch(line.value)
            return match[1] if match else None
    return None


def _direction_in(lines: tuple[Line, ...]) -> Direction | None:
    found = None
    for line in lines:
        found = line.direction or found
    return found


def family_of(host: str) -> str:
    """Return the address type of a literal (`IP6` when it has a colon, else `IP4`)."""
    return "IP6" if ":" in host else "IP4"


def is_unspecified(host: str) -> bool:
    """Tell whether an address means nowhere."""
    return host in UNSPECIFIED


@lru_cache(maxsize=4096)
def is_sendable(host: str) -> bool:
    """Tell whether media can be sent there: a unicast address literal.

    A host name would have to be resolved first, and latching learns the address from the first
    packet.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_multicast or host == "255.255.255.255")


def parse(octets: bytes) -> SessionDescription:
    """Read a description; raise `SdpError` for what is none, or is beyond the limits."""
    if len(octets) > MAX_OCTETS:
        raise SdpError("the description is too long", status=488)
    lines = _read_lines(octets)
    if lines[0] != Line("v", "0"):
        raise SdpError("v=0 does not come first")
    starts = [number for number, line in enumerate(lines) if line.kind == "m"]
    if len(starts) > MAX_MEDIA:
        raise SdpError("too many media", status=488)
    head = tuple(lines[: starts[0]] if starts else lines)
    ends = [*starts[1:], len(lines)]
    media = tuple(
        _read_media(lines[start].value, tuple(lines[start + 1 : end]))
        for start, end in zip(starts, ends, strict=False)
    )
    description = SessionDescription(head, media)
    _check(description)
    return description


def _read_lines(octets: bytes) -> list[Line]:
    text = octets.decode("utf-8", "surrogateescape")
    rows = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if len(rows) > MAX_LINES:
        raise SdpError("too many lines", status=488)
    for row in rows:
        if row[1:2] != "=" or not "a" <= row[0] <= "z" or "\r" in row or "\0" in row:
            raise SdpError("a line is not of the form type=value")
    return [Line(row[0], row[2:]) for row in rows]


def _read_media(value: str, lines: tuple[Line, ...]) -> MediaDescription:
    match = _MEDIA.fullmatch(value)
    if match is None or int(match[2]) > 65535:
        raise SdpError("m= is malformed")
    return MediaDescription(match[1], int(match[2]), match[3] or "", match[4], match[5], lines)


def _check(description: SessionDescription) -> None:
    """Hold the rules that span lines: o= once and second, an address for each stream."""
    lines = list(description.lines[1:])
    for media in description.media:
        lines += media.lines
    kinds = [line.kind for line in lines]
    if kinds[:1] != ["o"] or kinds.count("o") > 1 or "v" in kinds:
        raise SdpError("the description does not begin with v= and o=, each once")
    if _ORIGIN.fullmatch(lines[0].value) is None:
        raise SdpError("o= has not its six fields")
    for line in lines:
        if line.kind == "c" and _CONNECTION.fullmatch(line.value) is None:
            raise SdpError("c= is no internet address")
    if description.host is None and any(m.port and m.host is None for m in description.media):
        raise SdpError("a stream has no c= line")
