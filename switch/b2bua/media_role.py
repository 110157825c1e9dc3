"""What one leg does to descriptions: media-relay, RFC 7092 section 3.2.

The far side's descriptions go through our own endpoint: what the other leg said is rewritten to
our addresses under one o= line of ours (RFC 3264 section 8: its version grows only with the
content), and what this leg's far side says becomes directions for its endpoint.
"""

from media.plane import Allocate, Direct, MediaAddress, MediaCommand, Release
from switch.sdp.description import Origin
from switch.sdp.rewrite import StreamFacts, media_targets, rewrite_text

MAX_STREAMS = 6
"""Media lines followed in one session.

Audio, video, image and text twice over; more are refused with 488.
"""


class MediaSide:
    """The media of one leg: its endpoint, and the description that its far side was last sent."""

    __slots__ = (
        "_session_id",
        "_version",
        "call_id",
        "endpoint",
        "is_released",
        "local",
        "requested",
        "source",
        "streams",
    )

    def __init__(self, *, endpoint: str, call_id: str, source: str, session_id: int) -> None:
        self.endpoint = endpoint
        self.call_id = call_id
        self.source = source
        """The address that the far side signals from: behind NAT its media comes from there too."""
        self.requested = 0
        """Streams asked of the media plane."""
        self.streams: tuple[MediaAddress, ...] = ()
        """Streams that the media plane has given."""
        self.local = b""
        """The description of ours that was last sent to the far side."""
        self.is_released = False
        self._session_id = session_id
        self._version = session_id

    def allocate(self, streams: int) -> list[MediaCommand]:
        """Ask for as many streams, unless they are had or asked for already."""
        if streams <= self.requested or self.is_released:
            return []
        self.requested = streams
        return [Allocate(self.endpoint, self.call_id, streams, ":" in self.source)]

    @property
    def is_ready(self) -> bool:
        """Whether every stream that was asked for is there."""
        return len(self.streams) >= self.requested

    def localize(self, body: bytes) -> bytes:
        """Rewrite the other leg's description to this leg's addresses; an empty one stays empty."""
        if not body:
            return b""
        description = self._rewrite(body)
        if self.local and description != self.local:
            self._version += 1
            description = self._rewrite(body)
        self.local = description
        return description

    def _rewrite(self, body: bytes) -> bytes:
        address = self.streams[0].host if self.streams else ""
        origin = Origin(self._session_id, self._version, address)
        return rewrite_text(body, origin=origin, streams=self.streams)

    def direct(self, body: bytes) -> list[MediaCommand]:
        """Take the far side's description into effect: where each stream goes, and who may send."""
        if not body or self.is_released:
            return []
        return [
            _direct(self.endpoint, index, facts, self.source)
            for index, facts in enumerate(media_targets(body)[: len(self.streams)])
        ]

    def release(self) -> list[MediaCommand]:
        """Give the endpoint back, once."""
        if self.is_released or not self.requested:
            return []
        self.is_released = True
        return [Release(self.endpoint)]


def _direct(endpoint: str, stream: int, facts: StreamFacts, source: str) -> MediaCommand:
    """Turn what the far side said of a stream into the endpoint's direction.

    Its `sendonly` is our `receive`.
    """
    if not facts.port or not facts.host:
        return Direct(endpoint, stream, None, send=False, receive=False, source=source)
    remote = MediaAddress(facts.host, facts.port, facts.rtcp_port)
    says = facts.direction
    return Direct(endpoint, stream, remote, send=says.receives, receive=says.sends, source=source)


def stream_count(body: bytes) -> int:
    """Return how many streams a description has; one for a session still to be offered."""
    return len(media_targets(body)) if body else 1
