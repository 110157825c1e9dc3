"""RTCP packets (RFC 3550 section 6): SR, RR, SDES, BYE and what is unknown, alone or compound."""

import struct
from struct import Struct

import msgspec

from media.rtp.errors import MalformedPacket

SENDER_REPORT = 200
RECEIVER_REPORT = 201
SOURCE_DESCRIPTION = 202
GOODBYE = 203
CNAME = 1
"""The SDES item that every source has (section 6.5.1)."""
MAX_COUNT = 31
"""The count field has five bits."""
_HEADER = Struct("!BBH")
_SENDER = Struct("!QIII")
_BLOCK = Struct("!IIIIII")


class ReportBlock(msgspec.Struct, frozen=True, gc=False):
    """What a receiver saw of one source (section 6.4.1)."""

    ssrc: int
    fraction_lost: int
    """Of 256."""
    cumulative_lost: int
    """Signed 24 bits: duplicates make it negative."""
    highest_sequence: int
    """Extended by the cycles."""
    jitter: int
    """In units of the source's clock."""
    last_sr: int
    delay_since_last_sr: int
    """In 1/65536 seconds."""


class SenderReport(msgspec.Struct, frozen=True, gc=False):
    """What a sender sent and heard."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octet_count: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(msgspec.Struct, frozen=True, gc=False):
    """What one who sends nothing heard."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """The description of one source: (type, octets) items."""

    ssrc: int
    items: tuple[tuple[int, bytes], ...]


class SourceDescription(msgspec.Struct, frozen=True, gc=False):
    """Who the sources are."""

    chunks: tuple[Chunk, ...]


class Goodbye(msgspec.Struct, frozen=True, gc=False):
    """Sources that leave, and why."""

    sources: tuple[int, ...]
    reason: bytes = b""


class UnknownPacket(msgspec.Struct, frozen=True, gc=False):
    """A packet of another type (feedback, extended reports, ...), kept as it is."""

    kind: int
    count: int
    body: bytes


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye | UnknownPacket


def parse(octets: bytes) -> list[RtcpPacket]:
    """Read a compound; `MalformedPacket` when any of its packets is none."""
    if not octets:
        raise MalformedPacket("there are no octets")
    packets: list[RtcpPacket] = []
    at = 0
    while at < len(octets):
        if at + _HEADER.size > len(octets):
            raise MalformedPacket("a header is cut off")
        first, kind, words = _HEADER.unpack_from(octets, at)
        end = at + 4 * (words + 1)
        if first >> 6 != 2 or end > len(octets):
            raise MalformedPacket("wrong version, or longer than the datagram")
        body = octets[at + _HEADER.size : end]
        if first & 0x20:
            # Only the last packet of a compound may be padded (section 6.4.1).
            body = _unpad(body, is_last=end == len(octets))
        packets.append(_parse_body(kind, first & 0x1F, body))
        at = end
    return packets


def build(packets: list[RtcpPacket]) -> bytes:
    """Build a compound; `MalformedPacket` when a field is out of its range."""
    return b"".join(_build_one(packet) for packet in packets)


def _unpad(body: bytes, *, is_last: bool) -> bytes:
    padding = body[-1] if body else 0
    if not is_last or not 0 < padding <= len(body) or padding % 4:
        raise MalformedPacket("padding is not as it must be")
    return body[: len(body) - padding]


def _parse_body(kind: int, count: int, body: bytes) -> RtcpPacket:
    if kind == SENDER_REPORT:
        _need(body, 24 + count * _BLOCK.size)
        ntp, stamp, packets, sent = _SENDER.unpack_from(body, 4)
        return SenderReport(_word(body, 0), ntp, stamp, packets, sent, _blocks(body, 24, count))
    if kind == RECEIVER_REPORT:
        _need(body, 4 + count * _BLOCK.size)
        return ReceiverReport(_word(body, 0), _blocks(body, 4, count))
    if kind == SOURCE_DESCRIPTION:
        return _parse_description(count, body)
    if kind == GOODBYE:
        return _parse_goodbye(count, body)
    return UnknownPacket(kind, count, body)


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for begin in range(at, at + count * _BLOCK.size, _BLOCK.size):
        ssrc, lost, highest, jitter, last, delay = _BLOCK.unpack_from(body, begin)
        cumulative = lost & 0xFFFFFF
        if cumulative & 0x800000:
            cumulative -= 0x1000000
        blocks.append(ReportBlock(ssrc, lost >> 24, cumulative, highest, jitter, last, delay))
    return tuple(blocks)


def _parse_description(count: int, body: bytes) -> SourceDescription:
    chunks = []
    at = 0
    for _ in range(count):
        _need(body, at + 4)
        ssrc = _word(body, at)
        items, at = _parse_items(body, at + 4)
        chunks.append(Chunk(ssrc, items))
    return SourceDescription(tuple(chunks))


def _parse_items(body: bytes, at: int) -> tuple[tuple[tuple[int, bytes], ...], int]:
    """Read a chunk's items: they, and the offset of the next chunk."""
    items: list[tuple[int, bytes]] = []
    while True:
        _need(body, at + 1)
        kind = body[at]
        if kind == 0:
            # At least one null ends the list, and more fill the word up.
            return tuple(items), at // 4 * 4 + 4
        _need(body, at + 2)
        end = at + 2 + body[at + 1]
        _need(body, end)
        items.append((kind, body[at + 2 : end]))
        at = end


def _parse_goodbye(count: int, body: bytes) -> Goodbye:
    _need(body, 4 * count)
    sources = tuple(_word(body, 4 * index) for index in range(count))
    rest = body[4 * count :]
    if not rest:
        return Goodbye(sources)
    _need(rest, 1 + rest[0])
    return Goodbye(sources, rest[1 : 1 + rest[0]])


def _need(body: bytes, size: int) -> None:
    if len(body) < size:
        raise MalformedPacket(f"a body of {len(body)} octets is cut off")


def _word(body: bytes, at: int) -> int:
    return int.from_bytes(body[at : at + 4], "big")


def _build_one(packet: RtcpPacket) -> bytes:
    try:
        kind, count, body = _build_body(packet)
        if not 0 <= count <= MAX_COUNT or len(body) % 4:
            raise MalformedPacket("too many parts, or a body that is not of whole words")
        return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body
    except (OverflowError, struct.error) as error:
        raise MalformedPacket("a field is out of its range") from error


def _build_body(packet: RtcpPacket) -> tuple[int, int, bytes]:
    match packet:
        case SenderReport(ssrc, ntp, stamp, packets, sent, blocks):
            head = _octets(ssrc) + _SENDER.pack(ntp, stamp, packets, sent)
            return SENDER_REPORT, len(blocks), head + b"".join(map(_build_block, blocks))
        case ReceiverReport(ssrc, blocks):
            body = _octets(ssrc) + b"".join(map(_build_block, blocks))
            return RECEIVER_REPORT, len(blocks), body
        case SourceDescription(chunks):
            return SOURCE_DESCRIPTION, len(chunks), b"".join(map(_build_chunk, chunks))
        case Goodbye(sources, reason):
            body = b"".join(map(_octets, sources))
            if reason:
                body += _fill(len(reason).to_bytes(1, "big") + reason)
            return GOODBYE, len(sources), body
        case _:
            return packet.kind, packet.count, packet.body


def _build_block(block: ReportBlock) -> bytes:
    if not -0x800000 <= block.cumulative_lost < 0x800000:
        raise OverflowError("cumulative_lost")
    return _BLOCK.pack(
        block.ssrc,
        block.fraction_lost << 24 | block.cumulative_lost & 0xFFFFFF,
        block.highest_sequence,
        block.jitter,
        block.last_sr,
        block.delay_since_last_sr,
    )


def _build_chunk(chunk: Chunk) -> bytes:
    if any(not 0 < kind < 256 or len(octets) > 255 for kind, octets in chunk.items):
        raise OverflowError("item")
    items = (bytes([kind, len(octets)]) + octets for kind, octets in chunk.items)
    return _octets(chunk.ssrc) + _fill(b"".join(items) + b"\0")


def _octets(word: int) -> bytes:
    return word.to_bytes(4, "big")


def _fill(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
