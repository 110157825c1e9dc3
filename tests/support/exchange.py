"""Messages for tests of the SIP stack, and a transaction machine run in virtual time."""

from collections.abc import Iterable
from typing import Protocol

from switch.sip.effect import CancelTimer, Deliver, Fail, MachineEffect, Send, SetTimer, Terminate
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.timer import Timer
from switch.sip.transaction.hop import echo

LOCAL = Address("192.0.2.1", 5060)
REMOTE = Address("192.0.2.7", 5060)
UDP = Flow(Transport.UDP, LOCAL, REMOTE)
TCP = Flow(Transport.TCP, LOCAL, REMOTE, connection=7)
COOKIE = "z9hG4bK"


def request(
    method: str = "INVITE",
    *,
    uri: str = "sip:bob@example.jp",
    via: str = "SIP/2.0/UDP 192.0.2.7:5060;rport",
    branch: str = COOKIE + "1",
    from_: str = "<sip:alice@example.jp>;tag=a",
    to: str = "<sip:bob@example.jp>",
    call_id: str = "call-1",
    cseq: int = 1,
    fields: Iterable[Field] = (),
    body: bytes = b"",
) -> Request:
    """Make a request that has what each must have."""
    head = [
        ("Via", f"{via};branch={branch}" if branch else via),
        ("Max-Forwards", "70"),
        ("From", from_),
        ("To", to),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
    ]
    return Request(method, uri, [*head, *fields], body)


def response(
    status: int,
    to: Request | None = None,
    *,
    tag: str | None = "b",
    fields: Iterable[Field] = (),
    body: bytes = b"",
) -> Response:
    """Make a response to a request, to the default INVITE when none is given."""
    head = echo(to or request(), tag if status > 100 else None)
    return Response(status, "Reason", [*head, *fields], body)


class Machine(Protocol):
    """A transaction machine, as far as time goes."""

    def start(self) -> list[MachineEffect]:
        """Begin."""

    def expire(self, timer: Timer) -> list[MachineEffect]:
        """Handle a timer."""


class MachineRun:
    """Performs a machine's effects in virtual time; knows when it sent, failed and ended."""

    def __init__(self, machine: Machine) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, bytes]] = []
        self.deliveries = 0
        self.failures: list[tuple[float, str]] = []
        self.ended_at: float | None = None
        self.timers: dict[Timer, float] = {}
        self._machine = machine
        self.perform(machine.start())

    @property
    def send_times(self) -> list[float]:
        """When something was sent."""
        return [at for at, _ in self.sent]

    def perform(self, effects: list[MachineEffect]) -> None:
        """Do what the machine asked for."""
        for effect in effects:
            match effect:
                case Send(octets):
                    self.sent.append((self.now, octets))
                case SetTimer(timer, delay):
                    self.timers[timer] = self.now + delay
                case CancelTimer(timer):
                    self.timers.pop(timer, None)
                case Deliver():
                    self.deliveries += 1
                case Fail(cause):
                    self.failures.append((self.now, cause.value))
                case Terminate():
                    self.ended_at = self.now
                case _:
                    pass

    def advance(self, until: float) -> None:
        """Let time pass, firing timers when they are due."""
        while self.timers:
            timer = min(self.timers, key=lambda each: self.timers[each])
            if self.timers[timer] > until:
                break
            self.now = self.timers.pop(timer)
            self.perform(self._machine.expire(timer))
        self.now = until
