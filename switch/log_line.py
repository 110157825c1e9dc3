"""One log line as JSON or for the eye, with numbers masked on request."""

import re
from collections.abc import MutableMapping

import orjson

from switch.clock import local_time
from switch.effect import Level, Log

Value = str | int | float | bool | None
Event = MutableMapping[str, Value]

MASKED_FIELDS = ("caller", "representative", "called", "number", "decision", "user")
"""The fields that tell who called whom."""

MASKED_ADDRESSES = ("contact",)
"""The fields whose user part does."""

CALL_CONTEXT = frozenset({"sip_call_id", "contract", "number"})
"""What every line of a call repeats; the console shows it once, when the call begins."""

_SHOWN_DIGITS = 4
_DIGITS = re.compile(rf"\d(?=\d{{{_SHOWN_DIGITS}}})")
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""C1 controls, line separators, and what turns the direction of writing."""

LEVEL_NAMES = {level: level.name.lower() for level in Level}
_COLOURS = {"debug": "\x1b[2m", "info": "", "warning": "\x1b[33m", "error": "\x1b[31;1m"}
_CALL_ID_COLUMNS = 8
_EVENT_COLUMNS = 26


class Console:
    """Lines for the eye: time, level, event, the call's short identifier, then the fields."""

    def __init__(self, *, colours: bool) -> None:
        self._colours = colours

    def render(self, event: Event) -> bytes:
        """Write one line."""
        fields = dict(event)
        time, level = str(fields.pop("time")), str(fields.pop("level"))
        name, call_id = str(fields.pop("event")), str(fields.pop("call_id", None) or "")
        hidden = CALL_CONTEXT if call_id and name != "call_received" else frozenset()
        pairs = " ".join(
            f"{key}={_shown(value)}"
            for key, value in fields.items()
            if value is not None and key not in hidden
        )
        clock = time[11:-1]
        head = f"{clock} {level.upper():<7} {_plain(name):<{_EVENT_COLUMNS}}"
        if self._colours:
            head = f"{_COLOURS[level]}{head}\x1b[0m"
        short = _plain(call_id)[:_CALL_ID_COLUMNS]
        return f"{head} {short:<{_CALL_ID_COLUMNS}} {pairs}\n".encode("utf-8", "replace")


def read_back(line: Log, unix: float) -> str:
    """Write a kept line as the console shows it, with the operator's own time of day."""
    event: Event = {
        "time": f"{local_time(unix).replace(' ', 'T')}Z",
        "level": LEVEL_NAMES[line.level],
        "event": line.event,
        **line.fields,
    }
    return Console(colours=False).render(event).decode().rstrip("\n")


def render_json(event: Event) -> bytes:
    """Write one line as JSON."""
    try:
        octets = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # octets that are no UTF-8 crossed as surrogates; or a field we cannot write
        octets = orjson.dumps(
            {_valid(key): _valid(value) for key, value in event.items()},
            option=orjson.OPT_APPEND_NEWLINE,
        )
    return octets if octets.isascii() else _harmless(octets)


def _harmless(json: bytes) -> bytes:
    """Escape what JSON leaves as it is, and a terminal or a reader of lines would obey."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.decode()).encode()


def _valid(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()


def _shown(value: Value) -> str:
    """Quote what a reader could mistake, and everything that a terminal would obey."""
    text = str(value)
    if text and " " not in text and '"' not in text and text.isprintable():
        return text
    return _harmless(orjson.dumps(_valid(text))).decode()


def _plain(text: str) -> str:
    return text if text.isprintable() else _valid(text).encode("unicode_escape").decode()


def mask_event(event: Event) -> None:
    """Hide numbers in the fields that have them."""
    for key in MASKED_FIELDS:
        value = event.get(key)
        if isinstance(value, str):
            event[key] = mask(value)
    for key in MASKED_ADDRESSES:
        value = event.get(key)
        if isinstance(value, str):
            user, at, host = value.rpartition("@")
            event[key] = f"{mask(user)}{at}{host}"


def mask(number: str) -> str:
    """Hide all but the last four digits of every run of digits."""
    digits = number.removeprefix("+")
    if digits.isdigit():
        return (
            number[: -len(digits)] + "*" * (len(digits) - _SHOWN_DIGITS) + digits[-_SHOWN_DIGITS:]
        )
    return _DIGITS.sub("*", number)
