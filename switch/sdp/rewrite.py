"""What a media-relay B2BUA does to a description that crosses it (RFC 7092 section 3.2.2).

The relay's addresses replace the writer's in o=, c=, m= and a=rtcp; what the relay does not speak
(ICE, multiplexed RTCP, keying) is taken out; a stream that it cannot carry is refused by port 0.
All else, codecs, formats and directions, crosses verbatim.

`rewrite` is the rule, on typed values; `rewrite_text` is the same on octets, in one pass over the
lines that matter. A description of unusual shape (bare LF, an unspecified address, a fault) is left
by the fast way to the slow one, so both always say the same.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

from switch.sdp.description import (
    DIRECTIONS,
    MAX_MEDIA,
    UNSPECIFIED,
    Direction,
    Line,
    MediaDescription,
    Origin,
    SessionDescription,
    family_of,
    is_sendable,
    is_unspecified,
    parse,
)
from switch.sip.errors import LocalProtocolError
from switch.value import Atom

RTP_PROFILES = frozenset({"rtp/avp", "rtp/avpf"})
"""Plain RTP (RFC 3551, RFC 4585)."""

RELAYED = RTP_PROFILES | {"udptl"}
"""The transport protocols that the relay carries: plain RTP, and T.38 over UDPTL."""

REMOVED = (
    "candidate", "end-of-candidates", "remote-candidates", "ice-[a-z]+", "ice2",  # ICE (RFC 8839)
    "rtcp-mux", "rtcp-mux-only", "bundle-only", "group:BUNDLE",  # RFC 5761, RFC 9143
    "rtcp",  # RFC 3605; written anew where needed
    "crypto", "fingerprint", "setup", "connection", "tls-id",  # keys (RFC 4568, RFC 5763)
    "altc",  # addresses once more (RFC 6947)
)  # fmt: skip
"""Attributes that do not cross, as patterns."""

REMEMBERED = 256
"""Descriptions whose streams are remembered: one is looked at several times while a call is set up,
and 256 of the largest would still be a few MiB only."""

FAST_OCTETS = 2048
"""Above, the slow way does it; below, there is no room for MAX_LINES lines."""

_REMOVED = re.compile(rf"(?:{'|'.join(REMOVED)})(?:[: ].*)?")

_SHAPE = re.compile(
    rb"v=0\r\no=[^ \r\n\0]+ [^ \r\n\0]+ [^ \r\n\0]+ IN [^ \r\n\0]+ [^ \r\n\0]+\r\n"
    rb"(?:(?:[abd-lnp-uw-z]=[^\r\n\0]*+"
    rb"|c=IN IP[46] [^ /\r\n\0]++(?:/[0-9/]*+)?"
    rb"|m=[^ \r\n\0]++ [0-9]{1,5}(?:/[0-9]+)? [^ \r\n\0]++ [^\r\n\0]++)\r\n)*+"
)
"""A description without faults and surprises."""

_EDITED = re.compile(
    rb"\n(?:c=IN IP[46] ([^ /\r]++)[^\r]*+"
    rb"|m=([^ ]++) ([0-9]++)(?:/[0-9]++)? ([^ ]++)"
    rb"|a=(?:" + "|".join(REMOVED).encode() + rb")(?:[: ][^\r]*+)?\r"
    rb"|(o)=[^\r]*+)"
)
"""The lines that `rewrite_text` touches, each with the line feed before it."""

_TOLD = re.compile(
    rb"\n(?:c=IN IP[46] ([^ /\r]++)"
    rb"|a=(sendrecv|sendonly|recvonly|inactive)\r"
    rb"|a=rtcp:([0-9]{1,5})(?=[ \r]))"
)
"""The lines that `media_targets` reads."""


_C, _M, _O = 1, 4, 5
"""The last group of `_EDITED` that matched, by the kind of line; none for an attribute."""

_UNSPECIFIED = frozenset(host.encode() for host in UNSPECIFIED)


class RelayAddress(Protocol):
    """The relay's side of one stream, as `media.plane.MediaAddress` says it."""

    @property
    def host(self) -> str:
        """The address literal."""

    @property
    def port(self) -> int:
        """The RTP or UDPTL port."""

    @property
    def rtcp_port(self) -> int:
        """The RTCP port."""


class StreamFacts(Atom, frozen=True, gc=False):
    """What the media plane must know of one stream of a description."""

    media: str
    proto: str
    host: str
    """Where the writer wants its media: an address literal, or empty when none can be sent to."""
    port: int
    """0 for a refused stream."""
    rtcp_port: int
    direction: Direction
    """As the writer sees it."""

    @property
    def is_relayed(self) -> bool:
        """Whether the stream is in use and the relay can carry it."""
        return self.port != 0 and self.proto.lower() in RELAYED


def rewrite(
    description: SessionDescription, *, origin: Origin, streams: Sequence[RelayAddress]
) -> SessionDescription:
    """Return the description as the other leg shall see it.

    `streams` are the relay's addresses on the other leg's side, one an m= line in order, all on one
    host; the m= lines beyond them are refused.
    """
    host = _host_of(origin, streams)
    media = tuple(
        _rewrite_media(description, item, host, streams[number] if number < len(streams) else None)
        for number, item in enumerate(description.media)
    )
    lines = _cross(description.lines, host)
    return SessionDescription(
        tuple(origin.line if line.kind == "o" else line for line in lines), media
    )


def _host_of(origin: Origin, streams: Sequence[RelayAddress]) -> str:
    if not streams:
        return origin.address
    host = streams[0].host
    if len(streams) > 1 and any(stream.host != host for stream in streams):
        raise LocalProtocolError("the relay's streams are not on one host")
    return host


def _cross(lines: Sequence[Line], host: str) -> list[Line]:
    """Take out what does not cross, and put the relay's address into c= lines."""
    return [
        Line("c", f"IN {family_of(host)} {host}") if line.kind == "c" else line
        for line in lines
        if line.kind != "a" or not _REMOVED.fullmatch(line.value)
    ]


def _rewrite_media(
    description: SessionDescription, item: MediaDescription, host: str, relay: RelayAddress | None
) -> MediaDescription:
    lines = _cross(item.lines, host)
    if is_unspecified(description.host_of(item)):
        # With the relay's address a hold of RFC 2543 would be told as none (RFC 3264 section 8.4).
        lines = _directed(lines, description.direction_of(item))
    port = _relay_port(item.proto, item.port, relay)
    if relay is not None and _needs_rtcp(item.proto, port, relay):
        lines.append(Line("a", f"rtcp:{relay.rtcp_port}"))
    return msgspec.structs.replace(item, port=port, ports="", lines=tuple(lines))


def _directed(lines: Sequence[Line], direction: Direction) -> list[Line]:
    return [*(line for line in lines if line.direction is None), Line("a", direction.value)]


def _relay_port(proto: str, port: int, relay: RelayAddress | None) -> int:
    """Return the port that the other leg sees: the relay's, or 0 for what is refused."""
    return relay.port if relay is not None and port and proto.lower() in RELAYED else 0


def _needs_rtcp(proto: str, port: int, relay: RelayAddress) -> bool:
    return port != 0 and relay.rtcp_port != port + 1 and proto.lower() in RTP_PROFILES


def rewrite_text(body: bytes, *, origin: Origin, streams: Sequence[RelayAddress]) -> bytes:
    """Do what `rewrite` does, on octets; raise `SdpError` for what `parse` would refuse."""
    rewritten = _rewrite_fast(body, origin, streams)
    if rewritten is None:
        return rewrite(parse(body), origin=origin, streams=streams).octets()
    return rewritten


def _is_plain(body: bytes) -> bool:
    return len(body) <= FAST_OCTETS and _SHAPE.fullmatch(body) is not None


def _rewrite_fast(body: bytes, origin: Origin, streams: Sequence[RelayAddress]) -> bytes | None:
    """Return the rewritten octets, or None where only the slow way knows what to do."""
    host = _host_of(origin, streams)
    if not _is_plain(body):
        return None
    connection = f"\nc=IN {family_of(host)} {host}".encode()
    pieces: list[bytes] = []
    at, number, addressed, tail = 0, -1, False, b""
    wants_address = False  # the stream is in use, and has no c= of its own or the session's yet
    for match in _EDITED.finditer(body):
        start = match.start()
        pieces.append(body[at:start])
        at = match.end()
        kind = match.lastindex
        if kind == _C:
            if match[_C] in _UNSPECIFIED:
                return None
            addressed = addressed or number < 0
            wants_address = False
            pieces.append(connection)
        elif kind == _O:
            pieces.append(b"\no=" + origin.line.value.encode())
        elif kind == _M:
            number += 1
            port = int(match[3])
            if wants_address or port > 65535 or number >= MAX_MEDIA:
                return None
            wants_address = port != 0 and not addressed
            relay = streams[number] if number < len(streams) else None
            piece, next_tail = _media_line(match, port, relay)
            pieces.append(tail + piece)
            tail = next_tail
    if wants_address:
        return None
    pieces.append(body[at:])
    if tail:
        pieces.append(tail[1:] + b"\n")
    return b"".join(pieces)


def _media_line(
    match: re.Match[bytes], port: int, relay: RelayAddress | None
) -> tuple[bytes, bytes]:
    """Return the m= line's beginning, and the a=rtcp line that the stream needs at its end."""
    proto = match[4].decode("utf-8", "surrogateescape")
    port = _relay_port(proto, port, relay)
    needs_rtcp = relay is not None and _needs_rtcp(proto, port, relay)
    tail = b"\na=rtcp:%d\r" % relay.rtcp_port if relay is not None and needs_rtcp else b""
    return b"\nm=%b %d %b" % (match[2], port, match[4]), tail


def streams_of(description: SessionDescription) -> list[StreamFacts]:
    """Return what the media plane must know of each stream."""
    streams = []
    for item in description.media:
        host = description.host_of(item)
        streams.append(
            StreamFacts(
                item.media,
                item.proto,
                host if is_sendable(host) else "",
                item.port,
                item.rtcp_port,
                description.direction_of(item),
            )
        )
    return streams


def media_targets(body: bytes) -> list[StreamFacts]:
    """Do what `streams_of` does, on octets; raise `SdpError` for what `parse` would refuse."""
    return list(_targets(body))


@lru_cache(maxsize=REMEMBERED)
def _targets(body: bytes) -> tuple[StreamFacts, ...]:
    targets = _targets_fast(body)
    return tuple(streams_of(parse(body)) if targets is None else targets)


def _targets_fast(body: bytes) -> list[StreamFacts] | None:
    """Return the streams, or None where only the slow way knows what to do."""
    if not _is_plain(body):
        return None
    head, *blocks = body.split(b"\nm=")
    if len(blocks) > MAX_MEDIA:
        return None
    session_host, session_direction, _ = _told(head)
    streams = []
    for block in blocks:
        media, ports, proto, _ = block.split(b" ", 3)
        own_host, own_direction, rtcp = _told(block)
        port, host = int(ports.partition(b"/")[0]), own_host or session_host
        if port > 65535 or (port and not host):
            return None
        streams.append(
            StreamFacts(
                media.decode("utf-8", "surrogateescape"),
                proto.decode("utf-8", "surrogateescape"),
                host if is_sendable(host) else "",
                port,
                rtcp or min(port + 1, 65535),
                _direction(own_direction or session_direction, host),
            )
        )
    return streams


def _told(block: bytes) -> tuple[str, str, int]:
    """Return the first address, the last direction and the last RTCP port in a block of lines."""
    host = direction = b""
    rtcp = 0
    for address, stated, rtcp_port in _TOLD.findall(block):
        if address:
            host = host or address
        elif stated:
            direction = stated
        elif 0 < int(rtcp_port) < 65536:
            rtcp = int(rtcp_port)
    return host.decode("utf-8", "surrogateescape"), direction.decode(), rtcp


def _direction(stated: str, host: str) -> Direction:
    """Return a direction as `SessionDescription.direction_of` does."""
    direction = DIRECTIONS[stated or "sendrecv"]
    if is_unspecified(host) and direction.receives:
        return Direction.of(sends=direction.sends, receives=False)
    return direction


def with_direction(body: bytes, direction: Direction) -> bytes:
    """Return the description with this direction for every stream."""
    description = parse(body)
    lines = tuple(line for line in description.lines if line.direction is None)
    media = tuple(
        msgspec.structs.replace(item, lines=tuple(_directed(item.lines, direction)))
        for item in description.media
    )
    return SessionDescription(lines, media).octets()


def refuse_streams(body: bytes) -> bytes:
    """Return the description with every stream refused, as an answer that accepts none of them."""
    description = parse(body)
    media = tuple(msgspec.structs.replace(item, port=0, ports="") for item in description.media)
    return SessionDescription(description.lines, media).octets()
