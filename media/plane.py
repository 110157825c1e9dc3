"""The face of the media plane: commands in, reports out, and the port that every relay implements.

An *endpoint* is one leg's side of the media: a local RTP and RTCP port pair for each stream. Two
endpoints are *connected*: what arrives on stream n of one leaves from stream n of the other.
Endpoints are allocated, directed, connected and released one by one, so that park, pickup and
transfer only re-connect them. The plane knows nothing of SIP.

An endpoint can be *terminated* instead of connected: then the plane itself is its other side, and
plays, records and collects digits. A terminated endpoint always sends, silence when there is
nothing to play, so that NAT bindings and the far side's time-outs hold. It stays terminated until
it is connected to another endpoint or released.
"""

from collections.abc import Callable
from enum import Enum
from typing import Protocol

import msgspec


class MediaAddress(msgspec.Struct, frozen=True, gc=False):
    """An IP address literal (IPv6 without brackets), an RTP port and an RTCP port."""

    host: str
    port: int
    rtcp_port: int


class Allocate(msgspec.Struct, frozen=True, gc=False):
    """Take ports for an endpoint: `streams` pairs on the address family of `ipv6`.

    For a known endpoint `streams` is how many it shall have in all. Answered by `Allocated` or
    `AllocationFailed`. `call_id` is carried into reports and logs only.
    """

    endpoint: str
    call_id: str
    streams: int = 1
    ipv6: bool = False


class Direct(msgspec.Struct, frozen=True, gc=False):
    """Say where a stream's far side is, as its session description signalled it.

    Each Direct re-arms latching: the signalled address is used until the first packet from the
    signalled address or, when that never speaks, from another source arrives; then the source is
    locked. `remote` None stops sending. `send` and `receive` are from the switch's view of this
    endpoint: with `receive` False, packets from this far side are dropped and their absence is no
    fault. `source` is the address that the far side signals from, when it is known: behind NAT it
    is where the media will come from, and the latching rule trusts it more than a stranger.
    """

    endpoint: str
    stream: int
    remote: MediaAddress | None
    send: bool = True
    receive: bool = True
    source: str | None = None


class Connect(msgspec.Struct, frozen=True, gc=False):
    """Join two endpoints both ways, parting each from whom it was joined to before."""

    one: str
    other: str


class Release(msgspec.Struct, frozen=True, gc=False):
    """Give the endpoint's ports back; answered by `Released` with its final counters."""

    endpoint: str


MediaCommand = Allocate | Direct | Connect | Release


class Allocated(msgspec.Struct, frozen=True, gc=False):
    """The endpoint's local addresses, one a stream, as they go into a session description."""

    endpoint: str
    streams: tuple[MediaAddress, ...]


class AllocationFailed(msgspec.Struct, frozen=True, gc=False):
    """No ports could be had; `reason` is for the operator."""

    endpoint: str
    reason: str


class Latched(msgspec.Struct, frozen=True, gc=False):
    """A far side has been heard and is locked; `signalled`: it is the signalled address."""

    endpoint: str
    call_id: str
    stream: int
    host: str
    port: int
    signalled: bool


class OneWay(msgspec.Struct, frozen=True, gc=False):
    """A stream that should flow both ways has not for five seconds; `reason` says why.

    `endpoint` is the side that is not heard. Sent once per direction and negotiation; `Restored`
    follows when it flows again.
    """

    endpoint: str
    call_id: str
    stream: int
    reason: str


class Restored(msgspec.Struct, frozen=True, gc=False):
    """A stream reported as one-way flows again."""

    endpoint: str
    call_id: str
    stream: int


class StreamCounters(msgspec.Struct, frozen=True, gc=False):
    """What one stream of an endpoint carried: RTP packets and their octets, header included."""

    packets_received: int
    octets_received: int
    packets_sent: int
    octets_sent: int
    packets_lost: int
    """Gaps in the received sequence numbers."""
    packets_rejected: int
    """From a source that the latching rule refused, or not RTP."""
    jitter_ms: float
    """Interarrival jitter of what was received (RFC 3550 section 6.4.1)."""
    rtcp_received: int
    payload_type: int | None
    """The payload type last received."""
    packets_dropped: int = 0
    """RTP that the kernel dropped because the socket's queue was full."""


class Released(msgspec.Struct, frozen=True, gc=False):
    """The endpoint is gone; its counters, one a stream. An unknown endpoint has none."""

    endpoint: str
    streams: tuple[StreamCounters, ...]


MediaReport = Allocated | AllocationFailed | Latched | OneWay | Restored | Released


class AudioFormat(msgspec.Struct, frozen=True, gc=False):
    """The codec that the session description settled on, in its words (RFC 3551, RFC 7587)."""

    encoding: str
    """`PCMU`, `PCMA`, `G722` or `opus`, in either case."""
    payload_type: int
    ptime_ms: int = 20
    """The packet time to send with: a multiple of 10 up to 60 (Opus: 10, 20, 40 or 60). What is
    received may have another."""


class Terminate(msgspec.Struct, frozen=True, gc=False):
    """Be the endpoint's other side, parting it from whom it was joined to.

    It is directed as ever. Repeated, this changes the format (re-negotiation) and interrupts
    nothing else. Answered by `Terminated` or `TerminationFailed`.
    """

    endpoint: str
    audio: AudioFormat
    stream: int = 0
    """Which stream of the endpoint is the sound."""
    telephone_event: int | None = None
    """The payload type of telephone events (RFC 4733), when they were negotiated."""
    in_band: bool = False
    """Find DTMF in the sound as well: for far sides without telephone events."""


class ToneName(Enum):
    """The tones of the Japanese network, and the plane's own beep."""

    DIAL = "dial"
    RINGBACK = "ringback"
    BUSY = "busy"
    REORDER = "reorder"
    CALL_WAITING = "call_waiting"
    BEEP = "beep"


class Tone(msgspec.Struct, frozen=True, gc=False):
    """A tone; without `seconds`, one period of its cadence, which repeats without a seam."""

    name: ToneName
    seconds: float | None = None


class Silence(msgspec.Struct, frozen=True, gc=False):
    """A pause."""

    seconds: float


class Prompt(msgspec.Struct, frozen=True, gc=False):
    """A prompt of the catalogue, by its name and language (`ja`, `en`)."""

    name: str
    language: str = "ja"


class AudioFile(msgspec.Struct, frozen=True, gc=False):
    """A sound file in any common format: a recording, an uploaded announcement."""

    path: str
    equalise: bool = True
    """Bring it to the loudness of prompts."""


class Music(msgspec.Struct, frozen=True, gc=False):
    """The built-in hold music, which repeats without a seam."""


Source = Tone | Silence | Prompt | AudioFile | Music


class Play(msgspec.Struct, frozen=True, gc=False):
    """Play the sources one after another, `repeat` times over (None: until stopped).

    Ends what was played before (`REPLACED`). Answered by `PlayEnded`, which carries `tag`.
    """

    endpoint: str
    sources: tuple[Source, ...]
    repeat: int | None = 1
    barge_in: bool = False
    """A digit ends it. It is kept for the next `Collect`, or counts for the one that runs."""
    tag: str = ""
    """Returned in the report, so that plays that overtake each other can be told apart."""


class StopPlay(msgspec.Struct, frozen=True, gc=False):
    """Stop playing, if anything is played."""

    endpoint: str


class Record(msgspec.Struct, frozen=True, gc=False):
    """Record what the far side says into a WAV file; answered by `RecordEnded`.

    It begins when what is played then has ended, and after the beep. The file has its name once it
    is whole and on the disk. A record that runs already is stopped.
    """

    endpoint: str
    path: str
    max_seconds: float = 180.0
    silence_seconds: float | None = 5.0
    """So much silence ends it; None: never."""
    beep: bool = True
    terminators: str = ""
    """Digits of which any ends it."""


class StopRecord(msgspec.Struct, frozen=True, gc=False):
    """Stop recording and keep what there is, if a record runs."""

    endpoint: str


class Collect(msgspec.Struct, frozen=True, gc=False):
    """Collect digits; answered by `DigitsCollected`. Replaces a collection that runs, silently.

    Digits dialled ahead since the last collection count first, unless `flush`. `first_timeout`
    counts from the end of what is played, the others from the last digit.
    """

    endpoint: str
    max_digits: int = 1
    terminators: str = "#"
    """A digit of these ends the collection and is not among the digits."""
    first_timeout: float = 10.0
    inter_timeout: float = 4.0
    flush: bool = False


class StopCollect(msgspec.Struct, frozen=True, gc=False):
    """Stop collecting, without a report."""

    endpoint: str


class Digit(msgspec.Struct, frozen=True, gc=False):
    """A digit that came by signalling (SIP INFO); it counts like one that was heard."""

    endpoint: str
    digit: str


TerminationCommand = (
    Terminate | Play | StopPlay | Record | StopRecord | Collect | StopCollect | Digit
)
PlaneCommand = MediaCommand | TerminationCommand


class Terminated(msgspec.Struct, frozen=True, gc=False):
    """The plane is the endpoint's other side."""

    endpoint: str


class TerminationFailed(msgspec.Struct, frozen=True, gc=False):
    """The plane can't be the endpoint's other side; `reason` is for the operator."""

    endpoint: str
    reason: str


class PlayEnd(Enum):
    """Why a play ended."""

    FINISHED = "finished"
    DIGIT = "digit"
    """The far side interrupted it."""
    STOPPED = "stopped"
    REPLACED = "replaced"
    HANGUP = "hangup"
    """The endpoint was released or connected elsewhere."""
    FAILED = "failed"
    """A source could not be had; `detail` says which and why."""


class PlayEnded(msgspec.Struct, frozen=True, gc=False):
    """What was to be played is over."""

    endpoint: str
    reason: PlayEnd
    tag: str = ""
    detail: str = ""


class RecordEnd(Enum):
    """Why a record ended."""

    SILENCE = "silence"
    LIMIT = "limit"
    DIGIT = "digit"
    STOPPED = "stopped"
    HANGUP = "hangup"
    """The endpoint was released or connected elsewhere."""
    FAILED = "failed"
    """There is no file; `detail` says why."""


class RecordEnded(msgspec.Struct, frozen=True, gc=False):
    """The record is over and, unless it failed, whole on the disk under its name."""

    endpoint: str
    path: str
    reason: RecordEnd
    seconds: float
    """The length of the file."""
    sounding_seconds: float
    """How much of it is not silence: next to nothing for a caller who said nothing."""
    detail: str = ""


class DigitForm(Enum):
    """How a digit came."""

    EVENT = "event"
    """RFC 4733."""
    IN_BAND = "in_band"
    SIGNALLED = "signalled"


class DigitHeard(msgspec.Struct, frozen=True, gc=False):
    """The far side pressed a key; told for each, whether digits are collected or not."""

    endpoint: str
    digit: str
    form: DigitForm


class CollectEnd(Enum):
    """Why a collection ended."""

    COMPLETE = "complete"
    """As many digits as were asked for."""
    TERMINATOR = "terminator"
    TIMEOUT = "timeout"
    HANGUP = "hangup"
    """The endpoint was released or connected elsewhere."""


class DigitsCollected(msgspec.Struct, frozen=True, gc=False):
    """The digits that were collected, none at worst."""

    endpoint: str
    digits: str
    reason: CollectEnd


TerminationReport = (
    Terminated | TerminationFailed | PlayEnded | RecordEnded | DigitHeard | DigitsCollected
)
PlaneReport = MediaReport | TerminationReport


class MediaRelay(Protocol):
    """A relay: our native thread, the uvloop fallback, or another engine behind the same face."""

    def start(self, report: Callable[[MediaReport], None]) -> None:
        """Begin; `report` is called on the loop's thread.

        What answers a command may be reported from within `perform`: `report` queues it where it
        must not act at once.
        """

    def perform(self, command: MediaCommand) -> None:
        """Carry out a command; never raises for what the network did."""

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Read the endpoint's counters as they stand; none for an unknown endpoint."""

    async def close(self) -> None:
        """Release every port and stop."""


class MediaPlane(Protocol):
    """A relay that terminates endpoints as well."""

    def start(self, report: Callable[[PlaneReport], None]) -> None:
        """Begin; `report` is called on the loop's thread.

        What answers a relay's command may be reported from within `perform`, termination's reports
        come in a later turn of the loop.
        """

    def perform(self, command: PlaneCommand) -> None:
        """Carry out a command; never raises for what the network or a file did."""

    def counters(self, endpoint: str) -> tuple[StreamCounters, ...]:
        """Read the endpoint's counters as they stand; none for an unknown endpoint."""

    async def close(self) -> None:
        """End what runs, release every port and stop."""
