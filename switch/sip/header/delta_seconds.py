"""Expires, Min-Expires, Min-SE: a number of seconds (RFC 3261 section 20.19, RFC 4028)."""

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import LWS

MAX_DELTA = 2**32 - 1
"""The largest delta-seconds; what is larger counts as this (RFC 3261 section 20.19)."""


def parse_delta(text: str) -> int:
    """Read seconds, at most `MAX_DELTA`; parameters after a semicolon are ignored."""
    digits = text.partition(";")[0].strip(LWS)
    if not (digits.isascii() and digits.isdigit()):
        raise RemoteProtocolError("a number of seconds is malformed")
    digits = digits.lstrip("0") or "0"
    return MAX_DELTA if len(digits) > 10 else min(int(digits), MAX_DELTA)
