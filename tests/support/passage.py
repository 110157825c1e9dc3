"""Passages: what was sent from host to host, and what became of it."""

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What became of a message that was sent."""

    DELIVERED = "delivered"
    DUPLICATED = "duplicated"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Passage:
    """One message on its way from host to host."""

    sent_at: float
    source: str
    destination: str
    octets: bytes
    fate: Fate


def label(octets: bytes) -> str:
    """Name a message: method, or status and CSeq method, and whether it describes media."""
    head, _, body = octets.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    first, second, *_ = [*lines[0].split(" "), ""]
    if first == "SIP/2.0":
        cseq = next((line for line in lines if line.lower().startswith("cseq:")), "? ?")
        first = f"{second} {cseq.split()[-1]}"
    return f"{first} sdp" if b"m=" in body else first
