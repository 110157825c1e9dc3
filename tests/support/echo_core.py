"""A core that answers every OPTIONS with 200 at once: enough to drive the driver."""

from collections.abc import Sequence

from switch.command import Command, Drain
from switch.driver import CoreOutput, Happening
from switch.effect import TransportFailed
from switch.sip.effect import Transmit
from switch.sip.flow import Flow
from switch.sip.message import Request, Response


class EchoCore:
    """Answers OPTIONS; remembers what it was told."""

    def __init__(self) -> None:
        self.messages = 0
        self.responses: list[tuple[Response, Flow]] = []
        self.happenings: list[Happening] = []
        self.commands: list[Command] = []
        self.expired: list[float] = []
        self.deadline: float | None = None
        self.is_idle = True
        self.once: list[CoreOutput] = []
        """What the next call returns, besides."""

    def receive(self, message: Request | Response, flow: Flow, now: float) -> Sequence[CoreOutput]:
        """Answer an OPTIONS, remember a response, and fail on purpose for the method FAIL."""
        del now
        self.messages += 1
        if isinstance(message, Response):
            self.responses.append((message, flow))
            return self._take()
        if message.method == "FAIL":
            raise ZeroDivisionError("as the message asked")
        if message.method != "OPTIONS":
            return self._take()
        message.stamp(flow.remote.host, flow.remote.port)
        fields = [("Via", value) for value in message.response_vias()]
        for name, key in (("From", "from"), ("To", "to"), ("Call-ID", "call-id"), ("CSeq", "cseq")):
            fields.append((name, message.first(key) or ""))
        return [Transmit(Response(200, "OK", fields).octets(), flow), *self._take()]

    def report(self, happening: Happening, now: float) -> Sequence[CoreOutput]:
        """Remember what happened."""
        del now
        self.happenings.append(happening)
        return self._take()

    def command(self, command: Command, now: float) -> Sequence[CoreOutput]:
        """Remember the command; a core that is not idle becomes so when it is hung up."""
        del now
        self.commands.append(command)
        if not isinstance(command, Drain):
            self.is_idle = True
        return self._take()

    def next_deadline(self) -> float | None:
        """Give the deadline that the test set."""
        return self.deadline

    def expire(self, now: float) -> Sequence[CoreOutput]:
        """Remember that time has come."""
        if self.deadline is not None and now >= self.deadline:
            self.expired.append(now)
            self.deadline = None
        return self._take()

    def _take(self) -> list[CoreOutput]:
        taken, self.once = self.once, []
        return taken

    @property
    def failures(self) -> list[TransportFailed]:
        """What transports reported."""
        return [h for h in self.happenings if isinstance(h, TransportFailed)]

    def become_idle(self) -> None:
        """Let the last call end."""
        self.is_idle = True
