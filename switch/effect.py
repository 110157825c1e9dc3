"""What the whole core asks of the world, beyond octets on a flow and commands to the media plane.

Everything that must wait, write or be seen is a value here; the driver performs it, and what comes
of it returns as a report.
"""

from enum import IntEnum

import msgspec

from switch.sip.flow import Address, Flow, Transport


class Level(IntEnum):
    """How loud a log line is; the numbers are those of the standard library."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40


Fields = dict[str, str | int | float | bool | None]
"""What a log line tells, by name."""


class Log(msgspec.Struct, frozen=True):
    """One line of the operator's story: an event's name and its fields."""

    event: str
    level: Level
    fields: Fields


class Target(msgspec.Struct, frozen=True, gc=False):
    """A next hop to find: host name or address, port and transport as far as the URI named them."""

    host: str
    port: int | None
    transport: Transport | None
    secure: bool = False
    """A `sips:` URI: only TLS will do."""


class Resolve(msgspec.Struct, frozen=True):
    """Find the addresses of a next hop (RFC 3263); answered by `Resolved` with the same token."""

    token: str
    target: Target


class Resolved(msgspec.Struct, frozen=True):
    """The addresses of a next hop, best first; none when the name could not be resolved."""

    token: str
    addresses: tuple[tuple[Transport, Address], ...]


class TransportFailed(msgspec.Struct, frozen=True, gc=False):
    """Octets could not be put on this flow, or its connection has closed."""

    flow: Flow
    reason: str


class WriteBinding(msgspec.Struct, frozen=True):
    """Keep a binding over a restart, replacing the device's earlier one; times are Unix seconds."""

    device: str
    contact: str
    path: tuple[str, ...]
    flow: Flow
    call_id: str
    cseq: int
    expires_at: float
    instance: str | None
    user_agent: str | None
    registered_at: float


class DeleteBinding(msgspec.Struct, frozen=True, gc=False):
    """Forget the kept binding of a device."""

    device: str


class WriteCdr(msgspec.Struct, frozen=True):
    """Keep one leg's call detail record, unique by `call_id` and `leg`; times are Unix seconds."""

    call_id: str
    leg: str
    direction: str
    contract: str | None
    device: str | None
    trunk: str | None
    caller: str
    called: str
    started_at: float
    ringing_at: float | None
    answered_at: float | None
    ended_at: float
    status: int
    """The final SIP status of the leg's INVITE: 200 when answered, 487 when cancelled."""
    cause: str
    """Why it ended, one word of `switch.b2bua.event.Cause`."""
    released_by: str
    """`caller`, `callee` or `switch`."""
    sip_call_id: str
    media: str
    """Media quality of the leg as JSON: counters per stream."""
    trace: str
    """The routing decision's steps as JSON."""


class WriteBlock(msgspec.Struct, frozen=True):
    """Keep over a restart that an ID or a contract may not call out, replacing such a block."""

    holder: str
    """`device` or `contract`."""
    name: str
    """The user name, or the contract."""
    reach: str
    """What it stops: `abroad`, or `all` but emergencies."""
    contract: str
    cause: str
    """The budget that is spent, by its name in `routing.budget.Budget`, or `operator`."""
    spent: float
    limit: float
    since: float
    """Unix seconds."""
    until: float | None
    """When it ends by itself; None when only an operator ends it."""
    note: str = ""
    """What the operator said."""


class DeleteBlock(msgspec.Struct, frozen=True):
    """Forget a kept block."""

    holder: str
    name: str
    reach: str


class ChangeHandling(msgspec.Struct, frozen=True):
    """Set anew what becomes of an ID's calls, as its phone has dialled."""

    username: str
    forwards: dict[str, str | None] = {}
    """Where calls go, by a condition of `routing.handling.Condition`; None ends that forward."""
    do_not_disturb: bool | None = None
    """None leaves it as it is."""


StoreEffect = WriteBinding | DeleteBinding | WriteCdr | WriteBlock | DeleteBlock
"""What the store keeps."""

SinkEffect = StoreEffect | ChangeHandling
"""What leaves the core to be kept: rows, and changes of contracts."""

CoreEffect = Log | Resolve | SinkEffect
