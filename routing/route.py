"""The route of a call: one pure function from an attempt and a directory to a decision.

Every rule that was weighed leaves a step in the decision's trace, so that a live call, the
operator's question why and a call that was never made are explained by the same words.
"""

from enum import Enum, StrEnum
from typing import NamedTuple

import msgspec

from routing.device import Device
from routing.directory import Directory
from routing.limit import Claim
from routing.line import Line
from routing.number import (
    COUNTRY_CODE,
    Number,
    NumberError,
    NumberFormat,
    Presentation,
    bare,
    is_emergency,
    split_presentation,
)
from routing.standing import Standing
from routing.trunk import Trunk

PATIENCE = 180.0
"""How long a caller hears ringback before the call ends unanswered, in seconds."""


class RefusalCause(StrEnum):
    """Why a call was refused, in one word for logs and call records."""

    INVALID_NUMBER = "invalid_number"
    UNKNOWN_NUMBER = "unknown_number"
    OWN_NUMBER = "own_number"
    BARRED = "barred"
    NO_TRUNK = "no_trunk"
    NUMBER_NOT_CARRIED = "number_not_carried"
    TRUNKS_UNAVAILABLE = "trunks_unavailable"


class Attempt(msgspec.Struct, frozen=True):
    """A call that wants to be made."""

    origin: Device | Trunk
    called: str
    """The user part of the called URI, unescaped."""
    at: float
    """When, in Unix seconds."""
    presented: str | None = None
    """The caller's number as a device asks to present it, or as a trunk reported it."""
    withhold: bool = False
    """Whether the caller asked for privacy by header field (RFC 3323)."""
    display_name: str = ""
    """The caller's name as a trunk reported it."""


class Step(NamedTuple):
    """One rule that was weighed: its name, what it looked at, what came of it."""

    rule: str
    inputs: tuple[tuple[str, str], ...]
    outcome: str


class Caller(msgspec.Struct, frozen=True):
    """Who the called party is told is calling."""

    number: str | None
    """E.164, an extension, or a foreign text; None when the other side did not tell."""
    display_name: str
    withheld: bool
    """The caller asked not to be shown: only a trusted side may learn the number."""


class Service(Enum):
    """What answers a call in place of a person."""

    VOICEMAIL = "voicemail"
    AFTER_HOURS = "after_hours"
    FAX = "fax"
    FAX_DETECTION = "fax_detection"
    """Media is answered and listened to; what is voice goes on to `then`."""
    BUSY_ANNOUNCEMENT = "busy_announcement"


class Ring(msgspec.Struct, frozen=True):
    """Ring devices, stage after stage; the call ends unanswered after `patience` seconds."""

    stages: tuple[tuple[Device, ...], ...]
    """Each is rung at once; the next follows only when all of one are unreachable or busy."""
    patience: float
    caller: Caller
    line: Line | None = None
    """The number that was called; None for a call to an extension."""
    late: tuple[Device, ...] = ()
    """Those that may join when they register afresh while it rings (R31.2)."""
    then: Service | None = None
    """Who answers when nobody has."""
    claims: tuple[Claim, ...] = ()
    """The channels that the call takes."""

    @property
    def devices(self) -> tuple[Device, ...]:
        """Every device of every stage, in order."""
        return tuple(device for stage in self.stages for device in stage)


class Serve(msgspec.Struct, frozen=True):
    """Let a service of the switch answer; `then` is what becomes of a caller it passes on."""

    service: Service
    line: Line
    caller: Caller
    claims: tuple[Claim, ...] = ()
    then: "Ring | None" = None


class Out(msgspec.Struct, frozen=True):
    """Send the call to the first of these trunks that takes it."""

    trunks: tuple[Trunk, ...]
    number: Number
    caller: Caller
    emergency: bool = False
    claims: tuple[Claim, ...] = ()

    def dialled(self, trunk: Trunk) -> str:
        """Return the called number as this trunk wants it written."""
        return self.number.written(trunk.number_format)


class Refuse(msgspec.Struct, frozen=True):
    """Refuse the call with this status."""

    status: int
    reason: str
    cause: RefusalCause


Outcome = Ring | Serve | Out | Refuse


class Decision(msgspec.Struct, frozen=True):
    """What becomes of an attempt, and every rule that led there."""

    outcome: Outcome
    trace: tuple[Step, ...]


def route(attempt: Attempt, directory: Directory, standing: Standing) -> Decision:
    """Decide what becomes of a call, as things stand at its moment."""
    trace: list[Step] = []
    if isinstance(attempt.origin, Trunk):
        outcome = _inbound(attempt, attempt.origin, directory, trace)
    else:
        outbound = _Outbound(attempt, attempt.origin, directory, standing, trace)
        outcome = outbound.decide()
    return Decision(outcome, tuple(trace))


def _inbound(attempt: Attempt, trunk: Trunk, directory: Directory, trace: list[Step]) -> Outcome:
    """Find the device of the direct number that a trunk calls."""
    called = bare(attempt.called)
    inputs: tuple[tuple[str, str], ...] = (("trunk", trunk.name), ("called", called))
    if trunk.number_format is NumberFormat.E164_BARE and called.startswith(COUNTRY_CODE):
        called = "+" + called
    try:
        number = Number.parse(called).text
    except NumberError as error:
        trace.append(Step("direct_number", inputs, str(error)))
        return _NOT_FOUND
    line = directory.line(number) if trunk.carries(number) else None
    inputs = (*inputs, ("number", number))
    if line is None:
        said = "no device has it" if trunk.carries(number) else "the trunk does not carry it"
        trace.append(Step("direct_number", inputs, said))
        return _NOT_FOUND
    device = directory.devices[line.ringers[0].username]
    trace.append(Step("direct_number", inputs, f"rings {device.username}"))
    caller = Caller(attempt.presented, attempt.display_name, attempt.withhold)
    return Ring(((device,),), PATIENCE, caller, line)


class _Outbound:
    """The rules of a call from a device, weighed in order."""

    def __init__(
        self,
        attempt: Attempt,
        device: Device,
        directory: Directory,
        standing: Standing,
        trace: list[Step],
    ) -> None:
        self._attempt = attempt
        self._device = device
        self._directory = directory
        self._standing = standing
        self._trace = trace
        self._called = bare(attempt.called)

    def decide(self) -> Outcome:
        """Weigh the rules; the first that has an outcome ends it."""
        # Emergency first, before anything a contract could set: neither shadowed nor barred.
        return self._emergency() or self._extension() or self._number()

    def _emergency(self) -> Outcome | None:
        if not is_emergency(self._called):
            self._note("emergency", ("called", self._called), outcome="no")
            return None
        number = Number.parse(split_presentation(self._called).text)
        self._note("emergency", ("called", self._called), outcome=f"yes, {number}")
        # The authority is always told the number (184 does not hold), and neither the list of
        # numbers nor the health of a trunk keeps the call back: healthy ones come first.
        trunks = sorted(
            self._directory.trunks, key=lambda trunk: not self._standing.is_healthy(trunk.name)
        )
        if not trunks:
            return self._without_trunk(number)
        self._note("trunk", ("number", number.text), outcome=_names(trunks))
        return Out(tuple(trunks), number, self._caller(withheld=False), emergency=True)

    def _extension(self) -> Outcome | None:
        contract = self._device.contract
        callee = self._directory.by_extension(contract, self._called)
        said = "no such extension" if callee is None else f"rings {callee.username}"
        self._note("extension", ("contract", contract), ("called", self._called), outcome=said)
        if callee is None:
            return None
        device = self._device
        caller = Caller(device.extension, device.display_name, self._attempt.withhold)
        return self._ring(callee, caller)

    def _number(self) -> Outcome:
        dialled = split_presentation(self._called)
        withheld = self._presentation(dialled.presentation)
        try:
            number = Number.parse(dialled.text)
        except NumberError as error:
            self._note("number", ("called", dialled.text), outcome=str(error))
            return Refuse(404, "Not Found", RefusalCause.INVALID_NUMBER)
        self._note("number", ("called", dialled.text), outcome=f"{number.kind.value} {number}")
        line = self._directory.line(number.text)
        callee = None if line is None else self._directory.device(line.ringers[0].username)
        said = "not of this switch" if callee is None else f"rings {callee.username}"
        self._note("on_net", ("number", number.text), outcome=said)
        if callee is not None:
            return self._ring(callee, self._caller(withheld=withheld))
        return self._barred(number) or self._trunk(number, withheld=withheld)

    def _presentation(self, dialled: Presentation) -> bool:
        """Tell whether the number is withheld; what was dialled overrules the header field."""
        withheld = self._attempt.withhold
        said = "withheld by header field" if withheld else "presented"
        if dialled is Presentation.WITHHELD:
            withheld, said = True, "withheld by 184"
        elif dialled is Presentation.PRESENTED:
            withheld, said = False, "presented by 186"
        self._note("presentation", ("dialled", dialled.value), outcome=said)
        return withheld

    def _ring(self, callee: Device, caller: Caller) -> Outcome:
        if callee is self._device or callee.username == self._device.username:
            self._note("own_number", ("device", callee.username), outcome="calls itself")
            return Refuse(486, "Busy Here", RefusalCause.OWN_NUMBER)
        return Ring(((callee,),), PATIENCE, caller)

    def _barred(self, number: Number) -> Outcome | None:
        barred = number.kind in self._device.barred
        said = "barred" if barred else "allowed"
        self._note("barring", ("kind", number.kind.value), outcome=said)
        return Refuse(403, "Forbidden", RefusalCause.BARRED) if barred else None

    def _trunk(self, number: Number, *, withheld: bool) -> Outcome:
        if not self._directory.trunks:
            return self._without_trunk(number)
        own = self._device.number
        carrying = [trunk for trunk in self._directory.trunks if trunk.carries(own)]
        if not carrying:
            self._note("trunk", ("presented", own), outcome="no trunk carries the caller's number")
            return Refuse(503, "Service Unavailable", RefusalCause.NUMBER_NOT_CARRIED)
        healthy = [trunk for trunk in carrying if self._standing.is_healthy(trunk.name)]
        inputs = (("number", number.text), ("configured", _names(carrying)))
        if not healthy:
            self._note("trunk", *inputs, outcome="none takes calls now")
            return Refuse(503, "Service Unavailable", RefusalCause.TRUNKS_UNAVAILABLE)
        self._note("trunk", *inputs, outcome=_names(healthy))
        return Out(tuple(healthy), number, self._caller(withheld=withheld))

    def _without_trunk(self, number: Number) -> Outcome:
        self._note("trunk", ("number", number.text), outcome="no trunk is configured")
        return Refuse(404, "Not Found", RefusalCause.NO_TRUNK)

    def _caller(self, *, withheld: bool) -> Caller:
        """Present the device's own direct number, whatever it asked for."""
        device, asked = self._device, self._attempt.presented
        said = f"presents {device.number}"
        inputs = (("asked", asked or ""), ("withheld", str(withheld).lower()))
        self._note("caller_id", *inputs, outcome=said)
        return Caller(device.number, device.display_name, withheld)

    def _note(self, rule: str, *inputs: tuple[str, str], outcome: str) -> None:
        self._trace.append(Step(rule, inputs, outcome))


def _names(trunks: list[Trunk]) -> str:
    return ", ".join(trunk.name for trunk in trunks)


_NOT_FOUND = Refuse(404, "Not Found", RefusalCause.UNKNOWN_NUMBER)
