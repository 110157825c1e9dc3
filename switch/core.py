"""The whole switch without I/O: messages, reports, commands and the time go in, effects come out.

It sorts what arrives: what belongs to a transaction, what belongs to a dialog, and what is new and
has to pass the guard first. Before authentication nothing is kept that a flood could grow:
refusals and challenges are stateless (RFC 3261 section 8.2.7).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from media.plane import PlaneCommand, PlaneReport
from routing.budget import Reach
from routing.device import Device
from routing.directory import Directory
from routing.standing import Standing
from routing.trunk import Trunk
from switch.b2bua.body import offer_refusal
from switch.b2bua.dispatcher import CallSettings, Dispatcher
from switch.b2bua.event import Cause
from switch.b2bua.facts import CallFacts
from switch.b2bua.lamp import Lamps
from switch.b2bua.leg import EXTENSIONS, METHODS, SUPPORTED
from switch.command import Command, Drain, HangUp, HangUpAll, ReleaseBlock, SetBlock
from switch.effect import (
    CoreEffect,
    Level,
    Log,
    Resolved,
    TransportFailed,
    WriteBinding,
    WriteBlock,
    WriteCdr,
)
from switch.guard.admission import USER_LENGTH, Admission, Limits, Verdict, is_scanner
from switch.guard.authentication import Authenticated, Authenticator, Challenged, Refused
from switch.guard.budget import Budgets
from switch.guard.challenger import DEFAULT_ALGORITHMS, Challenger
from switch.guard.fraud import FraudSettings, past_call
from switch.guard.nonce import Nonces
from switch.guard.unanswered import Unanswered
from switch.notifier.dialog_event import DialogPackage
from switch.notifier.notifier import Notifier
from switch.registrar.location import LocationService
from switch.registrar.registrar import Registrar
from switch.registrar.settings import RegistrarSettings
from switch.sip import uas
from switch.sip.dialog.dialog import is_complete
from switch.sip.digest import Algorithm
from switch.sip.effect import Transmit
from switch.sip.flow import Flow
from switch.sip.message import Field, Request, Response
from switch.sip.stack import DialogUsage, Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import Tokens
from switch.trunk.service import TrunkService

CoreOutput = Transmit | PlaneCommand | CoreEffect
Happening = Resolved | TransportFailed | PlaneReport

SERVED = METHODS | {"REGISTER"}
"""The methods that the switch serves."""

KNOWN_EXTENSIONS = EXTENSIONS | {"path", "outbound"}


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """What the core needs to know of the configuration."""

    listeners: tuple[Listener, ...]
    domain: str
    """The host part of our users' addresses."""
    nonce_secret: bytes = field(repr=False)
    """Keys the nonces of our challenges; drawn afresh for every run."""
    realm: str = ""
    """Of our challenges; empty: the domain."""
    nonce_lifetime: float = 300.0
    algorithms: tuple[Algorithm, ...] = DEFAULT_ALGORITHMS
    timers: TimerValues = field(default_factory=TimerValues)
    calls: CallSettings = field(default_factory=CallSettings)
    registrar: RegistrarSettings = field(default_factory=RegistrarSettings)
    limits: Limits = field(default_factory=Limits)
    fraud: FraudSettings = field(default_factory=FraudSettings)


class SwitchCore:
    """One switch."""

    def __init__(
        self,
        settings: CoreSettings,
        directory: Directory,
        tokens: Tokens,
        wall_offset: float,
        bindings: Iterable[WriteBinding] = (),
        blocks: Iterable[WriteBlock] = (),
    ) -> None:
        self.directory = directory
        self.stack = Stack(settings.listeners, tokens, settings.timers)
        self.locations = LocationService()
        self.trunks = TrunkService(self.stack, directory)
        self.budgets = Budgets(settings.fraud, directory, blocks)
        self.dispatcher = Dispatcher(
            self.stack,
            directory,
            self.locations,
            self.trunks,
            settings.calls,
            self.budgets,
            domain=settings.domain,
            wall_offset=wall_offset,
        )
        lamps = DialogPackage(Lamps(self.dispatcher), settings.domain)
        self.notifier = Notifier(self.stack, (lamps,))
        self.dispatcher.watch = self._light
        self._wall_offset = wall_offset
        self._admission = Admission(settings.limits, exempt=_trunk_sources(directory))
        self._unanswered = Unanswered()
        nonces = Nonces(
            settings.nonce_secret, lifetime=settings.nonce_lifetime, wall_offset=wall_offset
        )
        challenger = Challenger(
            settings.realm or settings.domain, nonces, algorithms=settings.algorithms
        )
        self._authenticator: Authenticator[Device] = Authenticator(challenger, self._find_device)
        self._registrar = Registrar(self.locations, settings.registrar)
        self._restore = tuple(bindings)

    def recall(self, cdrs: Iterable[WriteCdr]) -> None:
        """Count the calls out of the last day, the oldest first, before the start."""
        for past in map(past_call, cdrs):
            if past is not None:
                self.budgets.recall(past)

    # What the driver calls

    def start(self, now: float) -> list[CoreOutput]:
        """Take up what was kept over the restart, and begin with the trunks."""
        self.stack.now = now
        wall = now + self._wall_offset
        self.stack.out += self._registrar.restore(self._restore, self.directory, now, wall)
        self._restore = ()
        self.trunks.start()
        return self._turn()

    def receive(self, message: Request | Response, flow: Flow, now: float) -> list[CoreOutput]:
        """Take a message that arrived on a flow."""
        self.stack.now = now
        if isinstance(message, Request):
            message.stamp(flow.remote.host, flow.remote.port)
            self._receive_request(message, flow)
        else:
            self.stack.perform(self.stack.layer.receive_response(message, flow, now))
        return self._turn()

    def report(self, happening: Happening, now: float) -> list[CoreOutput]:
        """Take what came of something the core asked for."""
        self.stack.now = now
        match happening:
            case Resolved():
                self.trunks.resolved(happening)
            case TransportFailed(flow, _):
                self.stack.perform(self.stack.layer.lose_transport(flow, now))
                self.stack.out += self._registrar.lose_flow(flow)
            case _:
                self.dispatcher.hear_media(happening)
        return self._turn()

    def command(self, command: Command, now: float) -> list[CoreOutput]:
        """Take what an operator asks."""
        self.stack.now = now
        match command:
            case Drain():
                self.dispatcher.is_draining = True
                self.trunks.stop()
            case HangUp(call_id):
                self.dispatcher.hang_up(call_id, Cause.OPERATOR)
            case HangUpAll():
                self.dispatcher.hang_up_all(Cause.SHUTDOWN)
            case SetBlock(name, reach, note):
                at = now + self._wall_offset
                self.stack.out += self.budgets.block(name, Reach(reach), note, at)
            case ReleaseBlock(name):
                self.stack.out += self.budgets.release(name)
        return self._turn()

    def replace_directory(self, directory: Directory, now: float) -> list[CoreOutput]:
        """Swap the directory whole.

        Calls in progress keep what they began with, devices that are gone lose their bindings. No
        work here grows with the directory, and none of a turn with the bindings.
        """
        self.stack.now = now
        self.directory = self.dispatcher.directory = self.budgets.directory = directory
        self.trunks.replace_directory(directory)
        self._admission.exempt(_trunk_sources(directory))
        self.stack.out += self._registrar.retain(directory, now)
        return self._turn()

    def next_deadline(self) -> float | None:
        """Return when `expire` wants to be called next."""
        stacks, registrars = self.stack.next_deadline(), self._registrar.next_deadline()
        if stacks is None or registrars is None:
            return registrars if stacks is None else stacks
        return min(stacks, registrars)

    def expire(self, now: float) -> list[CoreOutput]:
        """Do what is due."""
        self.stack.now = now
        self.stack.expire()
        self.stack.out.extend(self._registrar.expire(now))
        return self._turn()

    @property
    def is_idle(self) -> bool:
        """Whether no call is in progress and no trunk is being left."""
        return self.dispatcher.is_idle and (not self.dispatcher.is_draining or self.trunks.is_ended)

    def calls(self) -> list[CallFacts]:
        """Describe the calls in progress."""
        return list(self.dispatcher.facts())

    def standing(self, now: float) -> Standing:
        """Show how things stand, for a decision about a call that is not made."""
        self.stack.now = now
        return self.dispatcher.standing

    def trace(self, call_id: str) -> str:
        """Return the decision's document of a call in progress; nothing for another."""
        call = self.dispatcher.calls.get(call_id)
        return "" if call is None else call.trace

    def _turn(self) -> list[CoreOutput]:
        """Hand out what this turn asked for, in order."""
        out, self.stack.out = self.stack.out, []
        return out  # type: ignore[return-value]  # transaction users append core outputs only

    # Requests

    def _receive_request(self, request: Request, flow: Flow) -> None:
        effects = self.stack.layer.receive_request(request, flow, self.stack.now)
        if effects is not None:
            self.stack.perform(effects)
        elif request.to_tag:
            self._receive_in_dialog(request, flow)
        elif request.method == "CANCEL":
            self._refuse_stray(request, flow)
        elif request.method != "ACK":
            self._receive_new(request, flow)

    def _receive_in_dialog(self, request: Request, flow: Flow) -> None:
        usage = self.stack.usage(request.to_tag)
        if usage is None:
            self._refuse_stray(request, flow)
            return
        refusal = uas.inspect(request, methods=SERVED, extensions=KNOWN_EXTENSIONS)
        if refusal is not None:
            self.stack.refuse(request, flow, refusal.status, refusal.fields)
        elif self.stack.layer.is_full:
            self.stack.refuse(request, flow, 503)
        elif self._is_from_party(usage, request, flow):
            usage.receive_request(request, flow)

    def _is_from_party(self, usage: DialogUsage, request: Request, flow: Flow) -> bool:
        """Tell whether a request inside a dialog is its party's; what is not is answered.

        Who has seen a dialog's identifiers could else end or redirect the call from anywhere. A
        device that has moved has registered anew, or answers a challenge. A carrier speaks from
        any of its addresses.
        """
        host = flow.remote.host
        if host == usage.flow.remote.host:
            return True
        if not usage.device:
            return self._is_from_carrier(usage, request, flow)
        binding = self.locations.lookup(usage.device)
        if binding is not None and binding.flow.remote.host == host:
            return True
        if request.method == "ACK":
            # It cannot be challenged; without a description it says no more than a lost one.
            return not request.body
        if not self._admit(request, flow):
            return False
        device = self._prove(request, flow)
        if device is not None and device.username != usage.device:
            self.stack.refuse(request, flow, 403)
        return device is not None and device.username == usage.device

    def _is_from_carrier(self, usage: DialogUsage, request: Request, flow: Flow) -> bool:
        if self.trunks.is_same_carrier(flow.remote.host, usage.flow.remote.host):
            return True
        if request.method != "ACK" and self._admit(request, flow):
            self.stack.refuse(request, flow, 403)
            self._tell_refusal(request, flow, 403, "not an address of the call's carrier")
        return False

    def _refuse_stray(self, request: Request, flow: Flow) -> None:
        """Answer what belongs to nothing, as far as its source may be answered."""
        if request.method != "ACK" and self._admit(request, flow):
            self.stack.refuse(request, flow, 481)

    def _receive_new(self, request: Request, flow: Flow) -> None:
        """Take a request outside every dialog, past the guard."""
        trunk = self.trunks.trunk_at(flow)
        if trunk is None and not self._admit(request, flow):
            return
        refusal = uas.inspect(request, methods=SERVED, extensions=KNOWN_EXTENSIONS)
        if refusal is not None:
            self._refuse_unserved(request, flow, refusal)
        elif self.stack.layer.is_merged(request):
            self.stack.refuse(request, flow, 482)
        elif request.method == "OPTIONS":
            self.stack.refuse(request, flow, 200, _CAPABILITIES)
        elif request.method not in {"INVITE", "REGISTER", "SUBSCRIBE"}:
            # Without a dialog there is nothing for BYE, PRACK, UPDATE or INFO to act on.
            self.stack.refuse(request, flow, 481)
        elif self.stack.layer.is_full:
            self.stack.refuse(request, flow, 503, [("Retry-After", "10")])
            self._tell_refusal(request, flow, 503, "too many transactions")
        elif request.method == "INVITE" and trunk is not None:
            self._invite(request, flow, trunk)
        elif (device := self._prove(request, flow)) is not None:
            self._receive_proved(request, flow, device)

    def _receive_proved(self, request: Request, flow: Flow, device: Device) -> None:
        """Take a new request whose device has proved that it is its own."""
        match request.method:
            case "REGISTER":
                self._register(request, flow, device)
            case "SUBSCRIBE":
                self.notifier.receive(request, flow, device.username, device.contract)
            case _:
                self._invite(request, flow, device)

    def _admit(self, request: Request, flow: Flow) -> bool:
        """Judge a source before anything is done for it."""
        if is_scanner(request.first("user-agent")):
            return False
        is_registered = partial(self.locations.is_bound, flow)
        verdict = self._admission.admit(flow.remote.host, self.stack.now, is_registered)
        if verdict is Verdict.REFUSE:
            self.stack.refuse(request, flow, 503, [("Retry-After", "5")])
        return verdict is Verdict.ADMIT

    def _refuse_unserved(self, request: Request, flow: Flow, refusal: uas.Refusal) -> None:
        if refusal.status in {405, 501}:
            self._count_failure(request, flow, refusal.status, "method is not served")
        else:
            self._tell_refusal(request, flow, refusal.status, "cannot be served")
        self.stack.refuse(request, flow, refusal.status, refusal.fields)

    def _prove(self, request: Request, flow: Flow) -> Device | None:
        """Return whose request this is; None when nobody's, which is answered."""
        verdict = self._authenticator.authenticate(request, self.stack.now)
        user = verdict.device.username if isinstance(verdict, Authenticated) else verdict.username
        if user is not None and self._is_silenced(user, flow):
            return None
        self._watch_answers(request, flow, verdict)
        if not isinstance(verdict, Authenticated):
            if verdict.failure is not None:
                self._count_failure(request, flow, verdict.status, verdict.failure, user)
            fields = verdict.fields if isinstance(verdict, Challenged) else ()
            self.stack.refuse(request, flow, verdict.status, fields)
            return None
        self._admission.passed(flow.remote.host, self.stack.now)
        return verdict.device

    def _is_silenced(self, user: str, flow: Flow) -> bool:
        """Tell whether to hear nothing of a user name from there, but for its registered device."""
        if not self._admission.is_silenced(flow.remote.host, user, self.stack.now):
            return False
        binding = self.locations.lookup(user)
        return binding is None or binding.flow != flow

    def _count_failure(
        self, request: Request, flow: Flow, status: int, reason: str, user: str | None = None
    ) -> None:
        ban = self._admission.failed(flow.remote.host, self.stack.now, user)
        claimed = None if user is None else user[:USER_LENGTH]
        banned = None if ban is None else ban.value
        self._tell_refusal(request, flow, status, reason, user=claimed, banned=banned)

    def _watch_answers(
        self, request: Request, flow: Flow, verdict: Authenticated[Device] | Challenged | Refused
    ) -> None:
        """Tell of a phone that is challenged again and again and never sends credentials."""
        if not isinstance(verdict, Challenged) or verdict.username is not None:
            self._unanswered.answered(flow.remote)
        elif count := self._unanswered.challenged(flow.remote):
            self._log(
                "challenge_unanswered",
                Level.WARNING,
                source=str(flow),
                method=request.method,
                sip_call_id=request.call_id[:128],
                user_agent=(request.first("user-agent") or "")[:128],
                count=count,
            )

    def _tell_refusal(
        self,
        request: Request,
        flow: Flow,
        status: int,
        reason: str,
        **more: str | bool | None,
    ) -> None:
        """Tell why a request came no further than the guard."""
        self._log(
            "request_refused",
            Level.WARNING,
            source=str(flow),
            method=request.method[:16],
            sip_call_id=request.call_id[:128],
            status=status,
            reason=reason,
            **more,
        )

    def _register(self, request: Request, flow: Flow, device: Device) -> None:
        now = self.stack.now
        registered = self._registrar.receive(request, flow, device, now, now + self._wall_offset)
        key = self.stack.accept(request, flow, None)
        self.stack.respond(key, registered.response)
        self.stack.out.extend(registered.effects)
        arrival = registered.arrival
        if arrival is not None:
            self.dispatcher.welcome(device, arrival.flow, arrival.contact)

    def _invite(self, request: Request, flow: Flow, origin: Device | Trunk) -> None:
        refused = offer_refusal(request) if is_complete(request) else 400
        if refused is not None:
            self.stack.refuse(request, flow, refused)
            self._tell_refusal(request, flow, refused, "description or Contact is of no use")
            return
        self.dispatcher.receive_invite(request, flow, origin)

    def _light(self, contract: str, name: str) -> None:
        """Tell who watches a lamp that it has changed."""
        self.notifier.change("dialog", contract, name)

    def _find_device(self, username: str) -> Device | None:
        return self.directory.device(username)

    def _log(self, event: str, level: Level, **fields: str | float | bool | None) -> None:
        self.stack.out.append(Log(event, level, dict(fields)))

    def __repr__(self) -> str:
        return f"<SwitchCore {len(self.dispatcher.calls)} calls, {len(self.locations)} bindings>"


def _trunk_sources(directory: Directory) -> list[str]:
    """Return where trunks may send from: they have limits of their own."""
    return [address for trunk in directory.trunks for address in trunk.addresses]


_CAPABILITIES: list[Field] = [
    ("Allow", ", ".join(sorted(SERVED))),
    ("Accept", "application/sdp"),
    ("Supported", SUPPORTED),
]
