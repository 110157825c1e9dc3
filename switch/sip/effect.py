"""What machines ask for: values that the layer above performs (RFC 3261 section 17).

The first group is what a single machine returns; the second is what the transaction layer tells the
core; `Transmit` is what leaves the core towards a socket.
"""

from enum import Enum

import msgspec

from switch.sip.flow import Flow
from switch.sip.message import Request, Response
from switch.sip.timer import Timer


class FailureCause(Enum):
    """Why a transaction ended without a final response."""

    TIMEOUT = "timeout"
    TRANSPORT = "transport"


# What one machine returns.


class Send(msgspec.Struct, frozen=True, gc=False):
    """Put the message, serialised once by the machine, on the machine's flow."""

    octets: bytes


class SetTimer(msgspec.Struct, frozen=True, gc=False):
    """Arm the machine's timer, replacing it when it already runs; `delay` in seconds."""

    timer: Timer
    delay: float


class CancelTimer(msgspec.Struct, frozen=True, gc=False):
    """Disarm the machine's timer; one that does not run is no fault."""

    timer: Timer


class Deliver(msgspec.Struct, frozen=True, gc=False):
    """Hand the message that the machine was just given to the transaction user."""


class StartCancel(msgspec.Struct, frozen=True, gc=False):
    """Start the CANCEL of the machine's INVITE, a transaction of its own on the same flow (9.1)."""


class Fail(msgspec.Struct, frozen=True, gc=False):
    """Tell the transaction user that no final response will come, or that none could be sent."""

    cause: FailureCause


class Terminate(msgspec.Struct, frozen=True, gc=False):
    """Forget the machine."""


MachineEffect = Send | SetTimer | CancelTimer | Deliver | StartCancel | Fail | Terminate


# What the transaction layer tells the core.


class LegacyKey(msgspec.Struct, frozen=True, gc=False):
    """What tells RFC 2543 requests apart, whose branch, without the magic cookie, does not."""

    uri: str
    call_id: str
    from_tag: str
    to_tag: str
    cseq_number: int


class ServerKey(msgspec.Struct, frozen=True, gc=False):
    """What identifies a server transaction (RFC 3261 section 17.2.3)."""

    branch: str
    sent_by: str
    method: str
    """INVITE for an INVITE and for its ACK."""
    legacy: LegacyKey | None = None


class ClientKey(msgspec.Struct, frozen=True, gc=False):
    """What identifies a client transaction (RFC 3261 section 17.1.3)."""

    branch: str
    method: str


class Transmit(msgspec.Struct, frozen=True, gc=False):
    """Put these octets on the flow."""

    octets: bytes
    flow: Flow


class ResponseReceived(msgspec.Struct, frozen=True):
    """A response reached the transaction user that owns the client transaction."""

    owner: object
    key: ClientKey
    response: Response
    flow: Flow


class RequestFailed(msgspec.Struct, frozen=True):
    """A client transaction ended without a final response."""

    owner: object
    key: ClientKey
    request: Request
    cause: FailureCause


class Cancelled(msgspec.Struct, frozen=True):
    """A CANCEL matched an INVITE that has no final response yet; its 200 is already sent."""

    owner: object
    key: ServerKey
    cancel: Request


class Acknowledged(msgspec.Struct, frozen=True):
    """An ACK arrived that is no business of a transaction: it acknowledges a 2xx."""

    request: Request
    flow: Flow


class ResponseFailed(msgspec.Struct, frozen=True):
    """A response could not be sent, or a final one was never acknowledged."""

    owner: object
    key: ServerKey
    cause: FailureCause


LayerEffect = (
    Transmit | ResponseReceived | RequestFailed | Cancelled | Acknowledged | ResponseFailed
)
