"""Watching SIP messages: the latest ones are kept as octets, and read only when somebody looks.

Bodies and credentials are left out of what is shown unless asked for: they are the customers'.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from switch.sip.flow import Flow
from switch.transport.trace import Direction

MAX_MESSAGES = 4000
"""What is kept: about 4 MiB, a busy switch's last second or a quiet one's last hours."""

MAX_OCTETS = 16_384
"""Kept of one message; the longest that matter to an operator are a few thousand octets."""

MAX_WATCHERS = 16
"""Operators that follow at once."""

NARROWEST = 34
"""Columns between two lines of a ladder: room for the longest usual status and its method."""

MAX_COLUMNS = 5
"""Far sides drawn beside the switch; a ladder wider than a terminal helps nobody."""

Watcher = Callable[["Message"], None]

_FIELD = re.compile(
    rb"^(call-id|i|from|f|to|t|cseq)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_LONG_NAMES = {b"i": b"call-id", b"f": b"from", b"t": b"to"}
_BREAK = re.compile(r"\r?\n")
_USER = re.compile(r"sips?:([^@;>\s]+)@|tel:([^;>\s]+)", re.IGNORECASE)
_SECRET = re.compile(
    r"^((?:proxy-)?authorization[ \t]*:(?:\r?\n)?[ \t]*(?:[A-Za-z]+(?=\s))?)"
    r"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)


class Message(msgspec.Struct, frozen=True):
    """One message as it crossed the edge."""

    at: float
    """Unix seconds."""
    direction: Direction
    flow: Flow
    octets: bytes

    @property
    def head(self) -> dict[bytes, str]:
        """The fields that say whose message it is: call-id, from, to, cseq."""
        head = self.octets.partition(b"\r\n\r\n")[0]
        found: dict[bytes, str] = {}
        for name, value in _FIELD.findall(head):
            short = name.lower()
            found.setdefault(_LONG_NAMES.get(short, short), value.decode("utf-8", "replace"))
        return found

    @property
    def what(self) -> str:
        """The method, or the status with the method that it answers."""
        start = self.octets.partition(b"\r\n")[0].decode("utf-8", "replace")
        first, _, rest = start.partition(" ")
        if not first.startswith("SIP/"):
            return _printable(first)[:32]
        method = self.head.get(b"cseq", "").rpartition(" ")[2]
        return _printable(f"{rest} ({method})" if method else rest)[:48]

    @property
    def users(self) -> tuple[str, str]:
        """The user parts of From and To."""
        head = self.head
        return _user(head.get(b"from", "")), _user(head.get(b"to", ""))

    def text(self, *, bodies: bool = False, secrets: bool = False) -> str:
        """Write the message for reading, as far as may be shown."""
        head, blank, body = self.octets.partition(b"\r\n\r\n")
        shown = head.decode("utf-8", "replace")
        if not secrets:
            shown = _SECRET.sub(r"\1 (withheld)", shown)
        if bodies:
            shown += "\n\n" + body.decode("utf-8", "replace") if body else ""
        elif blank and body:
            shown += f"\n\n({len(body)} octets of body)"
        # Not `splitlines`: it breaks at characters that would let a field's value pose as a field.
        return "\n".join(map(_printable, _BREAK.split(shown)))


class SipTrace:
    """The latest messages, and whoever follows them live; it is the driver's `Trace`."""

    def __init__(self, offset: float) -> None:
        self._offset = offset
        self._kept: deque[tuple[float, Direction, Flow, bytes]] = deque(maxlen=MAX_MESSAGES)
        self._watchers: list[Watcher] = []

    def __call__(self, direction: Direction, octets: bytes, flow: Flow, now: float) -> None:
        """Keep one message."""
        kept = octets if len(octets) <= MAX_OCTETS else octets[:MAX_OCTETS]
        entry = (now, direction, flow, kept)
        self._kept.append(entry)
        if self._watchers:
            message = self._message(entry)
            for watcher in tuple(self._watchers):
                watcher(message)

    @property
    def is_watched(self) -> bool:
        """Whether anybody follows."""
        return bool(self._watchers)

    def watch(self, watcher: Watcher) -> bool:
        """Hand every further message to the watcher; say False when there are too many already."""
        if len(self._watchers) >= MAX_WATCHERS:
            return False
        self._watchers.append(watcher)
        return True

    def unwatch(self, watcher: Watcher) -> None:
        """Hand it no more."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    def messages(self) -> Iterator[Message]:
        """Walk the kept messages, oldest first."""
        return map(self._message, tuple(self._kept))

    def _message(self, entry: tuple[float, Direction, Flow, bytes]) -> Message:
        at, direction, flow, octets = entry
        return Message(at + self._offset, direction, flow, octets)


class Selection(msgspec.Struct, frozen=True):
    """Which messages somebody wants to see; an empty selection wants all."""

    call_ids: frozenset[str] = frozenset()
    """SIP Call-IDs."""
    users: frozenset[str] = frozenset()
    """User names or numbers in From or To."""

    def wants(self, message: Message) -> bool:
        """Tell whether the message belongs to the selection."""
        if self.call_ids and message.head.get(b"call-id", "").strip() not in self.call_ids:
            return False
        return not self.users or not self.users.isdisjoint(message.users)


def ladder(messages: Iterable[Message], name: str = "daihyo") -> list[str]:
    """Draw the messages as a ladder, with the switch between its far sides."""
    listed = list(messages)
    labels: dict[str, str] = {}
    for message in listed:
        remote = str(message.flow)
        if remote not in labels and len(labels) < MAX_COLUMNS:
            labels[remote] = _label(message)
    columns = [*list(labels)[:1], "", *list(labels)[1:]]
    titles = [f"{labels[key]} {key}" if key else name for key in columns]
    gap = max([NARROWEST, *(len(title) // 2 + 8 for title in titles)])
    centres = [12 + index * gap for index in range(len(columns))]
    lines = ["".join(title.center(gap) for title in titles).rstrip()]
    start = listed[0].at if listed else 0.0
    for message in listed:
        remote = str(message.flow)
        if remote in labels:
            lines.append(
                _rung(message, centres, columns.index(remote), columns.index(""))
                + f"   {message.at - start:8.3f}"
            )
    return lines


def line(message: Message, clock: str) -> str:
    """Write one message as one line, for following."""
    remote, users = str(message.flow), message.users
    arrow = "->" if message.direction is Direction.RECEIVED else "<-"
    return f"{clock}  {remote:<28} {arrow} {message.what:<28} {users[0]} to {users[1]}"


def _rung(message: Message, centres: list[int], remote: int, switch: int) -> str:
    left, right = sorted((centres[remote], centres[switch]))
    is_rightward = (message.direction is Direction.RECEIVED) == (centres[remote] < centres[switch])
    room = right - left - 1
    text = message.what[: room - 3].center(room - 1, "-")
    arrow = f"{text}>" if is_rightward else f"<{text}"
    row = [" "] * (centres[-1] + 1)
    for centre in centres:
        row[centre] = "|"
    row[left + 1 : right] = arrow
    return "".join(row)


def _label(message: Message) -> str:
    """Name a far side by the user who speaks, or who is spoken to."""
    caller, called = message.users
    is_request = not message.octets.startswith(b"SIP/")
    is_received = message.direction is Direction.RECEIVED
    return caller if is_request == is_received else called


def _user(value: str) -> str:
    match = _USER.search(value)
    return _printable(match[1] or match[2]) if match else ""


def _printable(text: str) -> str:
    """Spare the terminal what it would obey."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
