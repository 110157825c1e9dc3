"""Dialogs (RFC 3261 section 12).

Who speaks to whom under which tags, where requests go, which number is next.
"""

from enum import Enum

from switch.sip.errors import RemoteProtocolError
from switch.sip.header import address_list
from switch.sip.header.name_addr import NameAddr
from switch.sip.message import Field, Message, Request, Response
from switch.sip.uri import SipUri
from switch.value import Atom

MAX_ROUTES = 30
"""Record-Route entries: a path of more proxies is a loop, not a network."""


class State(Enum):
    """The states of a dialog."""

    EARLY = "early"
    CONFIRMED = "confirmed"


class DialogId(Atom, frozen=True, gc=False):
    """What identifies a dialog at our side (section 12)."""

    call_id: str
    local_tag: str
    remote_tag: str


class Dialog:
    """One dialog, at either side."""

    __slots__ = (
        "call_id",
        "local",
        "local_cseq",
        "local_tag",
        "remote",
        "remote_cseq",
        "remote_tag",
        "remote_target",
        "route_set",
        "state",
    )

    def __init__(  # noqa: PLR0913 - the parts of section 12.1, all of them
        self,
        *,
        call_id: str,
        local: str,
        local_tag: str,
        remote: str,
        remote_tag: str,
        remote_target: str,
        route_set: tuple[str, ...],
        local_cseq: int,
        remote_cseq: int | None,
    ) -> None:
        self.state = State.EARLY
        self.call_id = call_id
        self.local = local
        self.local_tag = local_tag
        self.remote = remote
        self.remote_tag = remote_tag
        self.remote_target = remote_target
        self.route_set = route_set
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq

    @classmethod
    def answering(cls, request: Request, local_tag: str, first_cseq: int) -> "Dialog":
        """Make the UAS's dialog from the request that creates it (section 12.1.1)."""
        return cls(
            call_id=request.call_id,
            local=_with_tag(request.first("to") or "", local_tag),
            local_tag=local_tag,
            remote=request.first("from") or "",
            remote_tag=request.from_tag,
            remote_target=remote_target(request),
            route_set=tuple(routes(request)),
            local_cseq=first_cseq,
            remote_cseq=request.cseq.number,
        )

    @classmethod
    def originating(cls, request: Request, response: Response) -> "Dialog":
        """Make the UAC's dialog from its request and the response that creates it.

        Section 12.1.2.
        """
        return cls(
            call_id=request.call_id,
            local=request.first("from") or "",
            local_tag=request.from_tag,
            remote=response.first("to") or "",
            remote_tag=response.to_tag,
            remote_target=remote_target(response, request.uri),
            route_set=_route_set(response),
            local_cseq=request.cseq.number,
            remote_cseq=None,
        )

    @property
    def id(self) -> DialogId:
        """The dialog's identifier."""
        return DialogId(self.call_id, self.local_tag, self.remote_tag)

    def confirm(self, response: Response) -> None:
        """Take the 2xx: confirmed, with the route set and the target that it names.

        Section 13.2.2.4.
        """
        if self.state is State.EARLY:
            self.route_set = _route_set(response)
            self.state = State.CONFIRMED
        self.remote_target = remote_target(response, self.remote_target)

    def accept(self, request: Request) -> bool:
        """Take a request of the far side's.

        False when its CSeq is older than one already seen (section 12.2.2).
        """
        number = request.cseq.number
        if self.remote_cseq is not None and number <= self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def refresh_target(self, message: Message) -> None:
        """Take the Contact of a target refresh request or of its 2xx (section 12.2)."""
        self.remote_target = remote_target(message, self.remote_target)

    def next_cseq(self) -> int:
        """Take the next sequence number of ours."""
        self.local_cseq += 1
        return self.local_cseq

    def request(
        self,
        method: str,
        via: str,
        *,
        cseq: int | None = None,
        fields: list[Field] | None = None,
        body: bytes = b"",
    ) -> Request:
        """Write a request inside the dialog (section 12.2.1.1).

        An ACK or CANCEL names the number it belongs to.
        """
        number = self.next_cseq() if cseq is None else cseq
        uri, route = self._targets()
        head: list[Field] = [("Via", via)]
        head += [("Route", value) for value in route]
        head += [
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        ]
        return Request(method, uri, head + fields if fields else head, body)

    def next_hop(self) -> str:
        """Return the URI whose address a request inside the dialog goes to."""
        return NameAddr.parse(self.route_set[0]).uri if self.route_set else self.remote_target

    def _targets(self) -> tuple[str, tuple[str, ...]]:
        """Return the Request-URI and the Route values.

        A strict router swaps them (section 12.2.1.1).
        """
        if self.route_set:
            first = NameAddr.parse(self.route_set[0]).uri
            if "lr" not in SipUri.parse(first).params:
                return first, (*self.route_set[1:], f"<{self.remote_target}>")
        return self.remote_target, self.route_set

    def __repr__(self) -> str:
        return f"<Dialog {self.call_id} {self.local_tag}/{self.remote_tag} {self.state.name}>"


def routes(message: Message) -> list[str]:
    """Return the Record-Route values in order, bounded and readable."""
    lines = message.all("record-route")
    if not lines:
        return []
    values = [value for line in lines for value in address_list.split(line)]
    if len(values) > MAX_ROUTES:
        raise RemoteProtocolError("more than 30 Record-Route entries")
    for value in values:
        SipUri.parse(NameAddr.parse(value).uri)
    return values


def _route_set(response: Response) -> tuple[str, ...]:
    """Return the route set that a response names; none that can't be read.

    The 2xx must be acknowledged all the same.
    """
    try:
        return tuple(reversed(routes(response)))
    except RemoteProtocolError:
        return ()


def is_complete(request: Request) -> bool:
    """Whether the request can create a dialog: Contact and Record-Route can be read (12.1.1)."""
    try:
        routes(request)
        contact = _contact(request)
    except RemoteProtocolError:
        return False
    return bool(contact)


def remote_target(message: Message, default: str = "") -> str:
    """Return the URI of the message's one Contact; the default where none can be read."""
    try:
        return _contact(message) or default
    except RemoteProtocolError:
        return default


def _contact(message: Message) -> str:
    line = message.first("contact")
    return "" if line is None else NameAddr.parse(address_list.split(line)[0]).uri


def _with_tag(value: str, tag: str) -> str:
    """Return a To value with our tag."""
    return f"{value};tag={tag}"
