"""Endpoints: one leg's side of the media, as the relay keeps account of it."""

from media.packet_path import Course
from media.plane import MediaAddress

UNDIRECTED = Course(None, None, None, send=False, receive=False)
"""Nothing was said of the far side: nothing is sent, nobody is heard."""


class Stream:
    """One stream of an endpoint: its slot of the packet path and what was said of its far side."""

    __slots__ = ("course", "ipv6", "local", "port", "since", "slot")

    def __init__(self, *, slot: int, port: int, ipv6: bool, local: MediaAddress) -> None:
        self.slot = slot
        self.port = port
        self.ipv6 = ipv6
        self.local = local
        self.course = UNDIRECTED
        self.since = 0.0
        """When it was last directed or connected (monotonic)."""

    @property
    def is_expected(self) -> bool:
        """Whether the far side should be sending."""
        return self.course.receive and self.course.rtp is not None


class Endpoint:
    """An endpoint, its streams, and whom it is connected to."""

    __slots__ = ("call_id", "name", "partner", "streams")

    def __init__(self, name: str, call_id: str) -> None:
        self.name = name
        self.call_id = call_id
        self.streams: list[Stream] = []
        self.partner: Endpoint | None = None

    def __repr__(self) -> str:
        partner = self.partner.name if self.partner else "nobody"
        return (
            f"<Endpoint {self.name} of {self.call_id}, {len(self.streams)} streams, to {partner}>"
        )
