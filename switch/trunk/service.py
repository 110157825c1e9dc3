"""All trunks at work: which take calls, where they are, whose call an address sends."""

from routing.directory import Directory
from routing.trunk import Trunk
from switch.effect import Resolved
from switch.sip.digest import Responder
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack
from switch.trunk.line import TrunkLine, responder

_FIELDS = {
    401: ("www-authenticate", "Authorization"),
    407: ("proxy-authenticate", "Proxy-Authorization"),
}


class TrunkService:
    """A line for each trunk of the directory."""

    def __init__(self, stack: Stack, directory: Directory) -> None:
        self._stack = stack
        self._directory = directory
        self._lines = {trunk.name: TrunkLine(trunk, stack) for trunk in directory.trunks}

    def start(self) -> None:
        """Begin to look up, register and ping."""
        for line in self._lines.values():
            line.start()

    def stop(self) -> None:
        """Take every registration back; `is_ended` tells when that is through."""
        for line in self._lines.values():
            line.stop()

    @property
    def is_ended(self) -> bool:
        """Whether every line has stopped and nothing is on its way."""
        return all(line.is_ended for line in self._lines.values())

    def replace_directory(self, directory: Directory) -> None:
        """Take a new directory: trunks that are the same go on, others stop or start."""
        earlier, self._lines = self._lines, {}
        self._directory = directory
        for trunk in directory.trunks:
            line = earlier.get(trunk.name)
            if line is not None and line.trunk == trunk:
                self._lines[trunk.name] = earlier.pop(trunk.name)
            else:
                self._lines[trunk.name] = TrunkLine(trunk, self._stack)
        for line in earlier.values():
            line.stop()
        for line in self._lines.values():
            if not line.is_started:
                line.start()

    def resolved(self, report: Resolved) -> bool:
        """Take a look-up's result; False when it is not a trunk's."""
        line = self._lines.get(report.token.removeprefix("trunk:"))
        if line is None or line.token != report.token:
            return report.token.startswith("trunk:")
        line.resolved(report.addresses)
        return True

    # What calls ask

    def healthy(self) -> frozenset[str]:
        """Return the names of the trunks that work, whether or not they have room."""
        return frozenset(filter(self.is_up, self._lines))

    def is_up(self, name: str) -> bool:
        """Tell whether a trunk works as far as its pings, its registration and its calls say."""
        line = self._lines.get(name)
        return line is not None and line.is_up()

    def limit(self, name: str) -> int | None:
        """Return how many calls a trunk carries at once; None when nobody limits it."""
        line = self._lines.get(name)
        return None if line is None else line.trunk.max_calls

    def flows(self, name: str) -> tuple[Flow, ...]:
        """Return a trunk's next hops, the best first; none while its name is not looked up."""
        line = self._lines.get(name)
        return () if line is None else line.flows

    def trunk_for(self, host: str) -> Trunk | None:
        """Find whose calls come from this address: as configured, else a next hop's own address."""
        trunk = self._directory.trunk_for_address(host)
        if trunk is not None:
            return trunk
        hops = (line for line in self._lines.values() if not line.trunk.addresses)
        return next((line.trunk for line in hops if line.is_from(host)), None)

    def trunk_at(self, flow: Flow) -> Trunk | None:
        """Find whose new calls come by this flow: from its address, as it is said to speak."""
        trunk = self.trunk_for(flow.remote.host)
        if trunk is None or not trunk.speaks_by(flow.transport, flow.remote.port):
            return None
        return trunk

    def is_same_carrier(self, host: str, other: str) -> bool:
        """Tell whether one carrier sends from both addresses, or is reached there."""
        return bool(self._known_at(host) & self._known_at(other))

    def _known_at(self, host: str) -> frozenset[str]:
        """Return the trunks whose calls come from an address or go to it."""
        hops = {name for name, line in self._lines.items() if line.is_from(host)}
        trunk = self._directory.trunk_for_address(host)
        return frozenset(hops if trunk is None else hops | {trunk.name})

    def call_succeeded(self, name: str) -> None:
        """Learn that a trunk took a call."""
        line = self._lines.get(name)
        if line is not None:
            line.health.succeed()

    def call_failed(self, name: str, status: int | None, retry_after: float = 0.0) -> None:
        """Learn that a call to a trunk failed; no status means no answer at all."""
        line = self._lines.get(name)
        if line is not None:
            line.call_failed(status, retry_after)

    def authorizer(self, name: str) -> "TrunkAuthorizer | None":
        """Make what answers challenges on one call's leg; None without a credential."""
        line = self._lines.get(name)
        answering = None if line is None else responder(line.trunk)
        if line is None or answering is None:
            return None
        return TrunkAuthorizer(line, answering, self._stack)


class TrunkAuthorizer:
    """Answers a carrier's challenges on one leg, and nobody else's (RFC 3261 section 22)."""

    def __init__(self, line: TrunkLine, answering: Responder, stack: Stack) -> None:
        self._line = line
        self._responder = answering
        self._stack = stack

    def authorize(self, request: Request, response: Response, flow: Flow) -> Field | None:
        """Return the field that answers the challenge; None when this peer gets none of ours."""
        names = _FIELDS.get(response.status)
        if names is None or not self._line.is_from(flow.remote.host):
            return None
        challenge, field = names
        is_refused = request.first(field.lower()) is not None
        if not self._responder.challenged(response.all(challenge), is_answer_refused=is_refused):
            return None
        cnonce = self._stack.tokens.cnonce()
        answer = self._responder.authorize(request.method, request.uri, request.body, cnonce)
        return None if answer is None else (field, answer)
