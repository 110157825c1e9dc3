"""Descriptions of our own: what the switch offers and answers when it is the far side itself.

Media-termination of RFC 7092 section 3.2.5: announcements, voicemail, music and prompts. The first
codec of the offer that the media plane speaks is taken, telephone events beside it (RFC 4733), and
every other stream is refused. The addresses are placeholders, which a leg rewrites to its endpoint.
"""

import re
from collections.abc import Iterator

import msgspec

from switch.sdp.description import Direction, MediaDescription, SessionDescription, parse
from switch.sdp.rewrite import RTP_PROFILES
from switch.value import Atom

CODECS = {"pcmu": 8000, "pcma": 8000, "g722": 8000, "opus": 48000}
"""What the media plane speaks, with the clock rate that descriptions give it (RFC 3551, 7587)."""

STATIC = {0: "pcmu", 8: "pcma", 9: "g722"}
"""Payload types that need no rtpmap (RFC 3551 table 4)."""

PACKET_TIMES = frozenset({10, 20, 30, 40, 60})
"""Milliseconds that the media plane sends with."""

DEFAULT_PACKET_TIME = 20
OFFERED_EVENT = 101
"""The payload type of telephone events in our own offers; what most phones use as well."""

_RTPMAP = re.compile(r"rtpmap:([0-9]{1,3}) +([^/ ]+)/([0-9]{1,6})(?:/[0-9]+)? *")
_PTIME = re.compile(r"ptime:([0-9]{1,3})")


class Agreed(Atom, frozen=True, gc=False):
    """What a description settles on: which stream is sound, and how it is coded."""

    stream: int
    encoding: str
    """`pcmu`, `pcma`, `g722` or `opus`."""
    payload_type: int
    ptime_ms: int
    telephone_event: int | None
    direction: Direction
    """As the switch sees it."""


class Answer(Atom, frozen=True, gc=False):
    """Our answer to an offer, and what it settles on."""

    body: bytes
    agreed: Agreed


def answer(offer: bytes) -> Answer | None:
    """Answer an offer as the far side; None when it has no sound that we speak.

    Raises `SdpError` for what is no description.
    """
    description = parse(offer)
    agreed = next(_sounds(description), None)
    if agreed is None:
        return None
    return Answer(_answer_with(offer, agreed, agreed.telephone_event), agreed)


def offer() -> bytes:
    """Offer what every phone speaks, where it is we who begin."""
    lines = ("m=audio 9 RTP/AVP 0 8 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000")
    event = (f"a=rtpmap:{OFFERED_EVENT} telephone-event/8000", f"a=fmtp:{OFFERED_EVENT} 0-15")
    return (_HEAD + "".join(f"{line}\r\n" for line in (*lines, *event, "a=ptime:20"))).encode()


def agreed(remote: bytes) -> Agreed | None:
    """Read what the far side's answer to an offer of ours settles on; None for nothing of use."""
    return next(_sounds(parse(remote)), None)


def between(local: bytes, remote: bytes) -> Agreed | None:
    """Read what two agreed descriptions, ours and the far side's, settle on for the switch itself.

    The sound goes out in the far side's first codec that ours names too.
    """
    ours = {each.encoding for each in _sounds(parse(local))}
    return next((each for each in _sounds(parse(remote)) if each.encoding in ours), None)


def meet(one: bytes, other: bytes) -> tuple[bytes, bytes] | None:
    """Answer two offers with each other, for a call that both sides offered (a pick-up).

    What goes out to one side is what comes in from the other, so that payload types must be the
    same; None when the offers have no codec in common.
    """
    for mine in _sounds(parse(one)):
        for theirs in _sounds(parse(other)):
            if (mine.encoding, mine.payload_type) == (theirs.encoding, theirs.payload_type):
                same = mine.telephone_event == theirs.telephone_event
                event = mine.telephone_event if same else None
                return _answer_with(one, mine, event), _answer_with(other, theirs, event)
    return None


def mirrored(offer: bytes, description: bytes) -> bytes | None:
    """Answer an offer that only changes directions with the other side's description as it stands.

    None when it offers other streams or lacks a format that the other side uses: then the other
    side has to be asked.
    """
    offered, stands = parse(offer), parse(description)
    if len(offered.media) != len(stands.media):
        return None
    for mine, theirs in zip(offered.media, stands.media, strict=True):
        if not _covers(mine, theirs):
            return None
    blocks = [
        _redirected(theirs, offered.direction_of(mine).reversed)
        for mine, theirs in zip(offered.media, stands.media, strict=True)
    ]
    head = "".join(str(line) for line in stands.lines if line.direction is None)
    return (head + "".join(blocks)).encode("utf-8", "surrogateescape")


def _covers(offered: MediaDescription, stands: MediaDescription) -> bool:
    """Tell whether what stands can answer what is offered."""
    if (offered.media, offered.proto) != (stands.media, stands.proto):
        return False
    if not stands.port:
        return True
    named = {str(line) for line in offered.lines if line.value.startswith("rtpmap:")}
    uses = {str(line) for line in stands.lines if line.value.startswith("rtpmap:")}
    formats = stands.formats.split()
    dynamic = {line for line in uses if not line.startswith(_STATIC_MAPS)}
    return bool(offered.port) and set(formats) <= set(offered.formats.split()) and dynamic <= named


_STATIC_MAPS = tuple(f"a=rtpmap:{number} " for number in range(35))


def _redirected(media: MediaDescription, direction: Direction) -> str:
    lines = "".join(str(line) for line in media.lines if line.direction is None)
    head = f"m={media.media} {media.port}{media.ports} {media.proto} {media.formats}\r\n"
    return f"{head}{lines}a={direction.value}\r\n"


def _answer_with(offer: bytes, chosen: Agreed, event: int | None) -> bytes:
    settled = msgspec.structs.replace(chosen, telephone_event=event)
    blocks = [
        _accepted(media, settled) if number == settled.stream else _refused(media)
        for number, media in enumerate(parse(offer).media)
    ]
    return (_HEAD + "".join(blocks)).encode("utf-8", "surrogateescape")


_HEAD = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 192.0.2.0\r\nt=0 0\r\n"
"""Every description of ours; a leg writes its own o= and c=."""


def _sounds(description: SessionDescription) -> Iterator[Agreed]:
    """Find every codec of ours of every stream of sound, in order."""
    for number, media in enumerate(description.media):
        if media.media != "audio" or not media.port or media.proto.lower() not in RTP_PROFILES:
            continue
        codecs = _codecs(media)
        direction = description.direction_of(media).reversed
        for payload_type, (encoding, rate) in codecs.items():
            if encoding in CODECS:
                ptime, event = _packet_time(media, encoding), _event(codecs, rate)
                yield Agreed(number, encoding, payload_type, ptime, event, direction)


def _codecs(media: MediaDescription) -> dict[int, tuple[str, int]]:
    """Read each payload type's encoding and clock rate, in the order of the m= line."""
    named: dict[int, tuple[str, int]] = {}
    for line in media.lines:
        match = _RTPMAP.fullmatch(line.value) if line.kind == "a" else None
        if match:
            named[int(match[1])] = match[2].lower(), int(match[3])
    listed = [int(each) for each in media.formats.split() if each.isascii() and each.isdigit()]
    static = {number: (name, CODECS[name]) for number, name in STATIC.items()}
    known = static | {pt: said for pt, said in named.items() if CODECS.get(said[0]) == said[1]}
    events = {pt: said for pt, said in named.items() if said[0] == "telephone-event"}
    return {pt: (known | events)[pt] for pt in listed if pt in known or pt in events}


def _event(codecs: dict[int, tuple[str, int]], rate: int) -> int | None:
    """Find telephone events on the codec's clock (RFC 4733 section 2.1), else on any."""
    found = [(clock != rate, pt) for pt, (name, clock) in codecs.items() if name not in CODECS]
    return min(found)[1] if found else None


def _packet_time(media: MediaDescription, encoding: str) -> int:
    for line in media.lines:
        match = _PTIME.fullmatch(line.value) if line.kind == "a" else None
        if match and int(match[1]) in PACKET_TIMES - ({30} if encoding == "opus" else set()):
            return int(match[1])
    return DEFAULT_PACKET_TIME


def _accepted(media: MediaDescription, agreed: Agreed) -> str:
    """Write the stream that we take: one codec, its events, the direction mirrored."""
    types = [agreed.payload_type]
    types += [agreed.telephone_event] if agreed.telephone_event is not None else []
    kept = {str(each) for each in types}
    maps = [
        line for line in media.lines
        if line.kind == "a" and (match := _RTPMAP.fullmatch(line.value)) and match[1] in kept
    ]  # fmt: skip
    formats = " ".join(map(str, types))
    lines = [f"m=audio 9 {media.proto} {formats}\r\n", *map(str, maps)]
    if agreed.telephone_event is not None:
        lines.append(f"a=fmtp:{agreed.telephone_event} 0-15\r\n")
    return "".join([*lines, f"a=ptime:{agreed.ptime_ms}\r\n", f"a={agreed.direction.value}\r\n"])


def _refused(media: MediaDescription) -> str:
    """Write a stream that we do not take (RFC 3264 section 6)."""
    return f"m={media.media} 0 {media.proto} {media.formats}\r\n"
