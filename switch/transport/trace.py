"""Seeing every message that crosses a socket: the hook a tracer implements."""

from collections.abc import Callable
from enum import StrEnum

from switch.sip.flow import Flow


class Direction(StrEnum):
    """Which way a message crossed the switch's edge."""

    RECEIVED = "received"
    SENT = "sent"


Trace = Callable[[Direction, bytes, Flow, float], None]
"""Called with the octets, their flow and the monotonic time; never called when nobody traces."""
