"""The media of one call: its legs' endpoints, what waits for their ports, and when all are back.

Descriptions name ports, so that nothing is offered or answered before its endpoint is allocated:
`when_ready` asks for what is missing and goes on when it is there.
"""

from collections.abc import Callable, Sequence

from media.plane import Allocated, Connect, Latched, OneWay, Restored
from switch.b2bua.media_role import MediaSide, stream_count
from switch.effect import Fields, Level, Log
from switch.sip.stack import Stack
from switch.value import Value


class _Waiting(Value, frozen=True):
    """Something to do when these sides have their ports."""

    sides: tuple[MediaSide, ...]
    proceed: Callable[[], None]

    @property
    def is_ready(self) -> bool:
        return all(side.is_ready for side in self.sides)


class CallMedia:
    """The endpoints of one call."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._held: dict[str, MediaSide] = {}
        """What the media plane has given or was asked for, by endpoint."""
        self._waiting: list[_Waiting] = []

    @property
    def is_released(self) -> bool:
        """Whether every endpoint has been given back."""
        return not self._held

    def when_ready(
        self, body: bytes, sides: Sequence[MediaSide], proceed: Callable[[], None]
    ) -> None:
        """Go on as soon as each side has an endpoint with as many streams as the description."""
        count = stream_count(body)
        for side in sides:
            self._stack.out.extend(side.allocate(count))
            if side.requested:
                self._held[side.endpoint] = side
        waiting = _Waiting(tuple(sides), proceed)
        if waiting.is_ready:
            proceed()
        else:
            self._waiting.append(waiting)

    def take(self, report: Allocated) -> None:
        """Take ports, and go on with what waited for them."""
        side = self._held.get(report.endpoint)
        if side is None:
            return
        side.streams = report.streams
        ready = [waiting for waiting in self._waiting if waiting.is_ready]
        self._waiting = [waiting for waiting in self._waiting if not waiting.is_ready]
        for waiting in ready:
            waiting.proceed()

    def lose(self, endpoint: str) -> None:
        """Take that ports could not be had: what waited for them will not be done."""
        side = self._held.get(endpoint)
        if side is None:
            return
        side.requested = len(side.streams)
        if not side.requested:
            del self._held[endpoint]
        self._waiting = [waiting for waiting in self._waiting if side not in waiting.sides]

    def join(self, one: MediaSide, other: MediaSide) -> None:
        """Let two legs hear each other."""
        self._stack.out.append(Connect(one.endpoint, other.endpoint))

    def keep(self, side: MediaSide) -> None:
        """Take over the endpoint of a leg that comes from another call."""
        if side.requested and not side.is_released:
            self._held[side.endpoint] = side

    def drop(self, side: MediaSide) -> None:
        """Leave an endpoint to the call that its leg goes to."""
        self._held.pop(side.endpoint, None)

    def stop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def release(self, side: MediaSide) -> None:
        """Give a leg's endpoint back; `returned` follows."""
        self._stack.out.extend(side.release())

    def returned(self, endpoint: str) -> None:
        """Take that an endpoint is back."""
        self._held.pop(endpoint, None)


def leg_name(endpoint: str) -> str:
    """Return the name of the leg whose endpoint this is."""
    return endpoint.partition("/")[2]


def media_line(report: Latched | OneWay | Restored) -> Log | None:
    """Return the line that tells what was heard, or not heard, on a stream; None for no news."""
    about: Fields = {"leg": leg_name(report.endpoint), "stream": report.stream}
    match report:
        case OneWay(reason=reason):
            return Log("media_one_way", Level.WARNING, {"reason": reason, **about})
        case Restored():
            return Log("media_restored", Level.INFO, about)
        case Latched(host=host, port=port, signalled=False):
            return Log("media_latched", Level.INFO, {"address": f"{host}:{port}", **about})
        case _:
            return None
