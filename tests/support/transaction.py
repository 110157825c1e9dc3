"""A simulated phone's own transactions (RFC 3261 section 17), written apart from the switch's."""

from collections.abc import Callable
from typing import Protocol

from switch.sip.flow import Flow
from switch.sip.message import Request, Response
from tests.support.network import Event, SimulatedNetwork

T1 = 0.5
T2 = 4.0
TIMEOUT = 64 * T1


class Agent(Protocol):
    """Who owns transactions: a phone or a trunk."""

    network: SimulatedNetwork
    violations: list[str]

    def send(self, octets: bytes, flow: Flow) -> None:
        """Put octets on a flow."""


class Repeater:
    """Sends something at doubling intervals over UDP, until it is stopped or gives up."""

    def __init__(
        self,
        agent: Agent,
        send: Callable[[], None],
        *,
        ceiling: float,
        repeats: bool,
        give_up: Callable[[], None],
    ) -> None:
        self._agent = agent
        self._send = send
        self._ceiling = ceiling
        self._interval = T1
        self._give_up = give_up
        self._next: Event | None = None
        if repeats:
            self._next = agent.network.after(T1, self._repeat)
        self._end = agent.network.after(TIMEOUT, self._end_it)

    def _repeat(self) -> None:
        self._send()
        self._interval = min(2 * self._interval, self._ceiling)
        self._next = self._agent.network.after(self._interval, self._repeat)

    def _end_it(self) -> None:
        self.stop()
        self._give_up()

    def slow_down(self) -> None:
        """Repeat at the ceiling from now on, as timer E does after a provisional response."""
        self._interval = self._ceiling

    def stop(self) -> None:
        """Send no more and never give up."""
        self._end.cancel()
        if self._next is not None:
            self._next.cancel()


class ClientTransaction:
    """One request of the phone, sent until a final response comes."""

    def __init__(
        self,
        agent: Agent,
        request: Request,
        flow: Flow,
        on_response: Callable[[Response], None],
        on_timeout: Callable[[], None] = lambda: None,
    ) -> None:
        self.request = request
        self.flow = flow
        self.final: Response | None = None
        self.has_failed = False
        self._agent = agent
        self._octets = request.octets()
        self._on_response = on_response
        self._on_timeout = on_timeout
        is_invite = request.method == "INVITE"
        self._resend()
        self._repeater = Repeater(
            agent,
            self._resend,
            ceiling=TIMEOUT if is_invite else T2,
            repeats=not flow.transport.is_reliable,
            give_up=self._time_out,
        )

    def _resend(self) -> None:
        self._agent.send(self._octets, self.flow)

    def _time_out(self) -> None:
        if self.final is None:
            self.has_failed = True
            self._on_timeout()

    def fail(self) -> None:
        """Hear that the transport is gone: there is no response any more (17.1.4)."""
        if self.final is None and not self.has_failed:
            self.has_failed = True
            self._repeater.stop()
            self._on_timeout()

    def receive(self, response: Response) -> None:
        """Take a response of this transaction."""
        if self.has_failed:
            return
        is_invite = self.request.method == "INVITE"
        if response.status < 200:
            self._proceed(response, is_invite=is_invite)
            return
        self._repeater.stop()
        if is_invite and response.status >= 300:
            self._acknowledge(response)
        self._judge(response)
        repeated = self.final is not None
        self.final = self.final or response
        if not repeated or (is_invite and response.status < 300):
            self._on_response(response)

    def _proceed(self, response: Response, *, is_invite: bool) -> None:
        if self.final is not None:
            return  # overtaken by the final response
        if is_invite:
            self._repeater.stop()
        else:
            self._repeater.slow_down()
        self._on_response(response)

    def _judge(self, response: Response) -> None:
        """Note a second final response that is not a repetition, nor one of several 2xx."""
        if self.final is None or self.final.status == response.status:
            return
        if self.request.method != "INVITE":
            return  # 481 is stateless: a BYE that overtook the 200 may get 481, its repetition 200
        self._agent.violations.append(
            f"{self.request.method} {self.request.call_id} was answered "
            f"{self.final.status} and then {response.status}"
        )

    def _acknowledge(self, response: Response) -> None:
        """Send the ACK of a refusal (17.1.1.3)."""
        request = self.request
        kept = [f for f in request.fields if f[0] in {"From", "Call-ID", "Max-Forwards", "Route"}]
        via = next(f for f in request.fields if f[0] == "Via")
        to = ("To", response.first("to") or "")
        ack = Request("ACK", request.uri, [via, *kept, to, ("CSeq", f"{request.cseq.number} ACK")])
        self._agent.send(ack.octets(), self.flow)


class ServerTransaction:
    """One request that came to the phone, and the last response to it."""

    def __init__(self, agent: Agent, request: Request, flow: Flow) -> None:
        self.request = request
        self.flow = flow
        self.final: int | None = None
        self._agent = agent
        self._last: bytes | None = None
        self._repeater: Repeater | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it (17.2.3)."""
        return server_key(self.request)

    def repeat(self) -> None:
        """Answer a repeated request as before; who accepted an INVITE repeats its 2xx itself."""
        accepted = self.request.method == "INVITE" and self.final is not None and self.final < 300
        if self._last is not None and not accepted:
            self._agent.send(self._last, self.flow)

    def respond(self, response: Response) -> None:
        """Send a response; a refusal of an INVITE is repeated until its ACK."""
        self._last = response.octets()
        self._agent.send(self._last, self.flow)
        if response.status < 200:
            return
        self.final = response.status
        if self.request.method == "INVITE" and response.status >= 300:
            self._repeater = Repeater(
                self._agent,
                self.repeat,
                ceiling=T2,
                repeats=not self.flow.transport.is_reliable,
                give_up=self._miss_ack,
            )

    def _miss_ack(self) -> None:
        if self.flow.transport.is_reliable:
            return  # the connection was lost
        self._agent.violations.append(
            f"the refusal of {self.request.call_id} was never acknowledged"
        )

    def acknowledge(self) -> None:
        """Take the ACK of a refusal."""
        if self._repeater is not None:
            self._repeater.stop()


def server_key(request: Request) -> tuple[str, str, str]:
    """Identify the transaction of a request; an ACK belongs to its INVITE."""
    method = "INVITE" if request.method == "ACK" else request.method
    return request.branch, request.via.sent_by, method
