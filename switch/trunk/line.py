"""One trunk at work: looked up, registered with, pinged (RFC 3261 sections 10.2 and 11, RFC 3263).

The machines say what is to be done; the line writes the requests and hears the responses.
"""

from collections.abc import Sequence
from ipaddress import ip_address

from routing.trunk import Trunk
from switch.effect import Level, Log, Resolve, Target
from switch.sip import uac
from switch.sip.digest import Password, Responder
from switch.sip.effect import ClientKey, FailureCause, ServerKey
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.sip.header.address_list import parse_addresses
from switch.sip.header.delta_seconds import parse_delta
from switch.sip.header.retry_after import RetryAfter
from switch.sip.message import Field, Request, Response
from switch.sip.stack import Stack
from switch.sip.uri import SipUri
from switch.trunk.effect import (
    Arm,
    Became,
    Disarm,
    Failed,
    StartPing,
    StartRegister,
    TrunkEffect,
    TrunkTimer,
)
from switch.trunk.health import Health
from switch.trunk.ping import PingMachine
from switch.trunk.registration import RegistrationMachine

RESOLVE_INTERVAL = 300.0
"""Seconds between look-ups of a next hop's name, which carriers move without telling."""

RESOLVE_RETRY = 15.0
"""Seconds until a look-up is tried again after one that found nothing."""

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061

_CHALLENGES = {401: "www-authenticate", 407: "proxy-authenticate"}
_CREDENTIALS = {401: "Authorization", 407: "Proxy-Authorization"}


class TrunkLine:
    """One trunk: its next hops, its registration, its pings, its health."""

    def __init__(self, trunk: Trunk, stack: Stack) -> None:
        self.trunk = trunk
        self.health = Health(registers=trunk.registration is not None)
        self.flows: tuple[Flow, ...] = ()
        """The next hops, the one in use first."""
        self._stack = stack
        self._registration: RegistrationMachine | None = None
        if trunk.registration is not None:
            self._registration = RegistrationMachine(trunk.registration.expires, stack.tokens)
        self._ping: PingMachine | None = None
        if trunk.options_interval:
            self._ping = PingMachine(trunk.options_interval, stack.tokens)
        self._call_id = stack.tokens.call_id()
        self._tag = stack.tokens.tag()
        self._cseq = stack.tokens.first_cseq()
        self._responder = responder(trunk)
        self._credentials = _CREDENTIALS[401]
        self._register_key: ClientKey | None = None
        self._ping_key: ClientKey | None = None
        self.is_started = False
        self._is_stopped = False
        self._resolved = True
        """What the last look-up said, so that only changes are told."""

    @property
    def token(self) -> str:
        """The token of this trunk's look-ups."""
        return f"trunk:{self.trunk.name}"

    def is_up(self) -> bool:
        """Whether a call may be sent to the trunk now."""
        return bool(self.flows) and self.health.is_up(self._stack.now)

    def is_from(self, host: str) -> bool:
        """Whether the address is one of the next hops."""
        return any(flow.remote.host == host for flow in self.flows)

    @property
    def is_ended(self) -> bool:
        """Whether the line has stopped and has nothing on its way."""
        return self._is_stopped and (self._registration is None or self._registration.is_ended)

    # What the service asks

    def start(self) -> None:
        """Look the next hop up; registration and pings begin when it is known."""
        trunk = self.trunk
        literal = _literal(trunk)
        if literal is not None:
            self.resolved((literal,))
            return
        secure = trunk.transport is Transport.TLS
        target = Target(trunk.host, trunk.port, trunk.transport, secure)
        self._stack.out.append(Resolve(self.token, target))

    def resolved(self, addresses: Sequence[tuple[Transport, Address]]) -> None:
        """Take the next hops, best first; when none were found, the known ones stay in use."""
        if self._is_stopped:
            return
        named = (self._stack.flow_to(transport, address) for transport, address in addresses)
        flows = tuple(flow for flow in named if flow is not None)
        if _literal(self.trunk) is None:
            delay = RESOLVE_INTERVAL if flows else RESOLVE_RETRY
            self._stack.set_timer(self, TrunkTimer.RESOLVE, delay)
        if bool(flows) is not self._resolved or not (flows or self.flows):
            self._resolved = bool(flows)
            event, level = ("found", Level.INFO) if flows else ("not_found", Level.WARNING)
            self._log(f"trunk_{event}", level, host=self.trunk.host)
        self._use(flows or self.flows)

    def stop(self) -> None:
        """Take the registration back and ask nothing more."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._stack.cancel_timer(self, TrunkTimer.RESOLVE)
        if self._ping is not None:
            self._perform(self._ping.stop())
        if self._registration is not None:
            self._perform(self._registration.stop())

    def call_failed(self, status: int | None, retry_after: float = 0.0) -> None:
        """Learn that a call to this trunk failed; no status means no answer at all."""
        rest = self.health.fail(self._stack.now, status, retry_after)
        if rest:
            self._rotate()
            self._log("trunk_rests", Level.WARNING, status=status, seconds=rest)

    # The transaction user

    def receive_response(self, key: ClientKey, response: Response, flow: Flow) -> None:
        """Take a response to a REGISTER or an OPTIONS."""
        if response.status < 200:
            return
        if key == self._ping_key and self._ping is not None:
            self._ping_key = None
            self._perform_ping(self._ping.answer(response.status))
        elif key == self._register_key and self._registration is not None:
            self._register_key = None
            self._perform(self._answer(self._registration, response, flow))

    def fail_request(self, key: ClientKey, request: Request, cause: FailureCause) -> None:
        """Learn that no response will come; the next request goes to the next hop."""
        del request
        if key == self._ping_key and self._ping is not None:
            self._ping_key = None
            self._rotate()
            self._perform_ping(self._ping.fail(cause.value))
        elif key == self._register_key and self._registration is not None:
            self._register_key = None
            self._rotate()
            self._perform(self._registration.fail(cause.value))

    def fail_response(self, key: ServerKey, cause: FailureCause) -> None:
        """Do nothing: a line answers no requests."""

    def receive_cancel(self, key: ServerKey, cancel: Request) -> None:
        """Do nothing: a line answers no requests."""

    def expire(self, timer: str) -> None:
        """Handle one of the line's timers."""
        match TrunkTimer(timer):
            case TrunkTimer.RESOLVE:
                self.start()
            case TrunkTimer.PING if self._ping is not None:
                if self._ping_key is not None:
                    self._ping_key = None
                    self._rotate()
                self._perform_ping(self._ping.expire())
            case (TrunkTimer.REGISTER | TrunkTimer.LAPSE) as due if self._registration is not None:
                self._perform(self._registration.expire(due))
            case _:
                pass

    # Next hops

    def _use(self, flows: tuple[Flow, ...]) -> None:
        if self.flows and self.flows[0] in flows:
            # Stay with the hop that works: its registration is there.
            at = flows.index(self.flows[0])
            flows = flows[at:] + flows[:at]
        self.flows = flows
        if self.is_started or not flows:
            return
        self.is_started = True
        if self._registration is not None:
            self._perform(self._registration.start())
        if self._ping is not None:
            self._perform_ping(self._ping.start())

    def _rotate(self) -> None:
        self.flows = self.flows[1:] + self.flows[:1]

    # Performing

    def _perform(self, effects: list[TrunkEffect]) -> None:
        """Do what the registration's machine asks."""
        for effect in effects:
            match effect:
                case StartRegister(expires):
                    self._send_register(expires)
                case Became(usable, reason):
                    self.health.is_registered = usable
                    event = "trunk_registered" if usable else "trunk_unregistered"
                    level = Level.INFO if usable or self._is_stopped else Level.WARNING
                    self._log(event, level, reason=reason)
                case Failed(reason, delay):
                    seconds = round(delay, 1)
                    self._log(
                        "trunk_registration_failed",
                        Level.WARNING,
                        reason=reason,
                        retry_in=seconds,
                    )
                case _:
                    self._perform_timer(effect)

    def _perform_ping(self, effects: list[TrunkEffect]) -> None:
        """Do what the ping's machine asks."""
        for effect in effects:
            match effect:
                case StartPing():
                    self._send_ping()
                case Became(usable, reason):
                    self.health.is_answering = usable
                    event, level = (
                        ("trunk_up", Level.INFO) if usable else ("trunk_down", Level.WARNING)
                    )
                    self._log(event, level, reason=reason)
                case _:
                    self._perform_timer(effect)

    def _perform_timer(self, effect: TrunkEffect) -> None:
        match effect:
            case Arm(timer, delay):
                self._stack.set_timer(self, timer, delay)
            case Disarm(timer):
                self._stack.cancel_timer(self, timer)
            case _:
                raise AssertionError(effect)

    def _send_register(self, expires: int) -> None:
        wanted, flow = self.trunk.registration, self.flows[0]
        if wanted is None:
            raise AssertionError(self)
        uri = str(SipUri("sip", "", wanted.domain))
        own = f"<{SipUri('sip', wanted.user, wanted.domain)}>"
        contact = self._stack.contact(flow, wanted.contact_user or wanted.user)
        fields: list[Field] = [("Expires", str(expires)), ("Supported", "path")]
        fields += self._authorization("REGISTER", uri)
        self._cseq += 1
        request = uac.request(
            "REGISTER",
            uri,
            via=self._stack.via(flow),
            from_=f"{own};tag={self._tag}",
            to=own,
            call_id=self._call_id,
            cseq=self._cseq,
            contact=f"{contact};expires={expires}",
            fields=fields,
        )
        self._register_key = self._stack.request(request, flow, self)

    def _send_ping(self) -> None:
        flow, tokens = self.flows[0], self._stack.tokens
        uri = str(SipUri("sip", "", self.trunk.sip_domain))
        request = uac.request(
            "OPTIONS",
            uri,
            via=self._stack.via(flow),
            from_=f"{self._stack.contact(flow)};tag={tokens.tag()}",
            to=f"<{uri}>",
            call_id=tokens.call_id(),
            cseq=tokens.first_cseq(),
            contact=self._stack.contact(flow),
            fields=[("Accept", "application/sdp")],
        )
        self._ping_key = self._stack.request(request, flow, self)

    def _authorization(self, method: str, uri: str) -> list[Field]:
        if self._responder is None:
            return []
        cnonce = self._stack.tokens.cnonce()
        answer = self._responder.authorize(method, uri, b"", cnonce)
        return [] if answer is None else [(self._credentials, answer)]

    # Reading

    def _answer(
        self, machine: RegistrationMachine, response: Response, flow: Flow
    ) -> list[TrunkEffect]:
        """Tell the machine what a final response to a REGISTER means."""
        status = response.status
        if status < 300:
            return machine.succeed(self._granted(response))
        if status in _CHALLENGES:
            self._credentials = _CREDENTIALS[status]
            lines = response.all(_CHALLENGES[status])
            is_theirs = self.is_from(flow.remote.host)
            answerable = (
                is_theirs and self._responder is not None and self._responder.challenged(lines)
            )
            return machine.challenge(answerable=answerable)
        if status == 423:
            return machine.ask_longer(_seconds(response.first("min-expires")) or 0)
        return machine.fail(f"{status} {response.reason}", retry_after(response))

    def _granted(self, response: Response) -> int:
        """Return the seconds that a 2xx grants our Contact (section 10.2.4)."""
        ours = SipUri.parse(self._contact_uri())
        try:
            for contact in parse_addresses(response.all("contact")):
                if SipUri.parse(contact.uri).equals(ours):
                    stated = _seconds(contact.params.get("expires"))
                    if stated is not None:
                        return stated
        except RemoteProtocolError:
            # Bindings of others that we cannot read do not undo ours.
            pass
        asked = 0 if self.trunk.registration is None else self.trunk.registration.expires
        stated = _seconds(response.first("expires"))
        return asked if stated is None else stated

    def _contact_uri(self) -> str:
        wanted = self.trunk.registration
        user = "" if wanted is None else wanted.contact_user or wanted.user
        return self._stack.contact(self.flows[0], user).strip("<>")

    def _log(self, event: str, level: Level, **fields: str | float | bool | None) -> None:
        address = str(self.flows[0]) if self.flows else None
        said: dict[str, str | int | float | bool | None] = {
            "trunk": self.trunk.name,
            "address": address,
        }
        self._stack.out.append(Log(event, level, said | fields))

    def __repr__(self) -> str:
        return f"<TrunkLine {self.trunk.name} {self._registration} {self._ping} {self.health}>"


def responder(trunk: Trunk) -> Responder | None:
    """Make what answers the carrier's challenges; None without a credential."""
    known = trunk.credential
    if known is None:
        return None
    return Responder(known.username, Password(known.password), realm=known.realm)


def retry_after(response: Response) -> float:
    """Return the seconds of a Retry-After; 0 without one that can be read."""
    try:
        return float(RetryAfter.parse(response.first("retry-after") or "").delay)
    except RemoteProtocolError:
        return 0.0


def _seconds(text: str | None) -> int | None:
    try:
        return None if text is None else parse_delta(text)
    except RemoteProtocolError:
        return None


def _literal(trunk: Trunk) -> tuple[Transport, Address] | None:
    """Return the next hop without a look-up when it is an address literal (RFC 3263 section 4)."""
    try:
        host = str(ip_address(trunk.host))
    except ValueError:
        return None
    transport = trunk.transport or Transport.UDP
    default = DEFAULT_TLS_PORT if transport is Transport.TLS else DEFAULT_PORT
    return transport, Address(host, trunk.port or default)
