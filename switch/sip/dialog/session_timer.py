"""Session timers: how two sides agree on an interval and on who refreshes (RFC 4028).

One `SessionTimer` serves one dialog, whichever side sends a request. It doesn't know the time:
after `answer` and `confirm`, `refresh_after` and `expire_after` say what is due, counted from then.
"""

from enum import Enum

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.session_expires import SessionExpires
from switch.sip.message import Field, Request, Response

DEFAULT_INTERVAL = 1800
"""What section 4 recommends, in seconds."""

DEFAULT_MINIMUM = 90
"""The least that section 4 allows, in seconds."""

MAX_INTERVAL = 86_400
"""A far side that wants a longer interval than a day wants none."""

_GRACE = 32
"""The session ends so many seconds, at most a third, before its interval does (section 10)."""


class Refresher(Enum):
    """Which side refreshes the session."""

    US = "us"
    THEM = "them"


class SessionTimer:
    """The session interval of one dialog, and whose turn it is to refresh."""

    __slots__ = ("_interval", "_is_agreed", "_minimum", "_peer_minimum", "_refresher")

    def __init__(self, interval: int = DEFAULT_INTERVAL, minimum: int = DEFAULT_MINIMUM) -> None:
        self._interval = max(interval, minimum)
        self._minimum = minimum
        self._peer_minimum = 0
        self._refresher: Refresher | None = None
        self._is_agreed = False
        """Whether the far side takes part, so that the session has an end; else only we refresh."""

    @property
    def interval(self) -> int:
        """The session interval in seconds, as wished or as agreed."""
        return self._interval

    @property
    def refresher(self) -> Refresher | None:
        """Who refreshes; None before anything was settled."""
        return self._refresher

    @property
    def refresh_after(self) -> float | None:
        """In how many seconds we refresh, half the interval; None when that is theirs to do."""
        return self._interval / 2 if self._refresher is Refresher.US else None

    @property
    def expire_after(self) -> float | None:
        """In how many seconds the session ends unless it is refreshed; None when it has no end."""
        if not self._is_agreed:
            return None
        return self._interval - min(_GRACE, self._interval / 3)

    # As the client of a request

    def request_fields(self) -> list[Field]:
        """Return what an INVITE or UPDATE of ours says; the roles stay as they are (7.4)."""
        roles = {Refresher.US: "uac", Refresher.THEM: "uas", None: None}
        wish = SessionExpires(self._interval, roles[self._refresher])
        fields = [("Session-Expires", str(wish))]
        least = max(self._minimum, self._peer_minimum)
        if least > DEFAULT_MINIMUM:
            fields.append(("Min-SE", str(least)))
        return fields

    def raise_interval(self, response: Response) -> bool:
        """Take a 422: True when the request is worth repeating with a larger interval (7.3)."""
        try:
            least = parse_delta(response.first("min-se") or "")
        except RemoteProtocolError:
            return False
        if not self._interval < least <= MAX_INTERVAL:
            return False
        self._peer_minimum = self._interval = least
        return True

    def confirm(self, response: Response) -> None:
        """Take the 2xx to a request of ours; one that says nothing leaves it to us."""
        agreed = _session_expires(response)
        self._is_agreed = agreed is not None
        self._refresher = Refresher.US
        if agreed is not None:
            self._interval = self._bounded(agreed.interval)
            if agreed.refresher == "uas":
                self._refresher = Refresher.THEM

    # As the server of a request

    def refusal(self, request: Request) -> tuple[int, list[Field]] | None:
        """Return status and fields that refuse the interval a request wants; None to accept it."""
        text = request.first("session-expires")
        if text is None:
            return None
        try:
            wish = SessionExpires.parse(text)
            _minimum_of(request)
        except RemoteProtocolError:
            return 400, []
        # Who doesn't know session timers can't repeat the request; a proxy has put the field there.
        if wish.interval < self._minimum and _takes_part(request):
            return 422, [("Min-SE", str(self._minimum))]
        return None

    def answer(self, request: Request) -> list[Field]:
        """Settle interval and refresher, and return what the 2xx says (section 9)."""
        wish = _session_expires(request)
        takes_part = _takes_part(request)
        self._refresher = Refresher.US
        self._is_agreed = takes_part or wish is not None
        if not self._is_agreed:
            return []
        self._interval = self._settled(request, wish)
        if not takes_part:
            return [("Session-Expires", f"{self._interval};refresher=uas")]
        if wish is not None and wish.refresher == "uac":
            self._refresher = Refresher.THEM
            return [("Require", "timer"), ("Session-Expires", f"{self._interval};refresher=uac")]
        return [("Session-Expires", f"{self._interval};refresher=uas")]

    def _settled(self, request: Request, wish: SessionExpires | None) -> int:
        """Return the interval: ours where theirs is longer, but never below their least."""
        try:
            least = _minimum_of(request)
        except RemoteProtocolError:
            least = 0
        if wish is None:
            return self._bounded(max(self._interval, least))
        return self._bounded(max(min(wish.interval, self._interval), min(least, wish.interval)))

    def _bounded(self, interval: int) -> int:
        """Keep an interval where refreshing is neither a flood nor pointless."""
        return min(max(interval, self._minimum), MAX_INTERVAL)

    def __repr__(self) -> str:
        who = self._refresher.name if self._refresher is not None else "nobody"
        return f"<SessionTimer {self._interval} s, refreshed by {who}>"


def _session_expires(message: Request | Response) -> SessionExpires | None:
    """Return the message's Session-Expires; one that can't be read is none."""
    text = message.first("session-expires")
    if text is None:
        return None
    try:
        return SessionExpires.parse(text)
    except RemoteProtocolError:
        return None


def _minimum_of(request: Request) -> int:
    text = request.first("min-se")
    return 0 if text is None else parse_delta(text)


def _takes_part(request: Request) -> bool:
    return request.has_token("supported", "timer") or request.has_token("require", "timer")
