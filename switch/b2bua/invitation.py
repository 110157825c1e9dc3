"""What a B leg's INVITE says of both parties, and over which flow it goes.

A phone is shown who calls, and which of its numbers is called when that is a representative one:
before the caller's name, or in header fields of its own, as its profile wants it.
"""

from routing.decision import Out
from routing.device import CalledDisplay, Device
from routing.line import Line
from routing.number import Number
from routing.trunk import Trunk
from switch.b2bua.header_policy import crossing
from switch.b2bua.originating_leg import Invitation
from switch.b2bua.plan import Plan
from switch.registrar.location import LocationService
from switch.sip.flow import Flow
from switch.sip.header.name_addr import NameAddr
from switch.sip.message import Field, Request
from switch.sip.uri import SipUri
from switch.trunk.identity import call_to_trunk, caller_to_device
from switch.trunk.service import TrunkService
from switch.value import Value

ALERT_URI = "http://127.0.0.1"
"""The URI of an Alert-Info whose `info` is what counts: phones choose a ring tone by it."""


class Way(Value, frozen=True):
    """How somebody is called: over which flow, with which INVITE."""

    flow: Flow
    invitation: Invitation


class Inviter:
    """Finds the way to devices and trunks."""

    def __init__(self, locations: LocationService, trunks: TrunkService, domain: str) -> None:
        self._locations = locations
        self._trunks = trunks
        self._domain = domain

    def way(self, plan: Plan, target: Device | Trunk, invite: Request, called: str) -> Way | None:
        """Return how a target is called; None when it can't be reached now."""
        if isinstance(target, Device):
            return self._to_device(plan, target, invite, called)
        # Only a decision to go out has trunks as its targets.
        assert isinstance(plan.outcome, Out)  # noqa: S101
        return self._to_trunk(plan.outcome, target, invite)

    def _to_device(self, plan: Plan, device: Device, invite: Request, called: str) -> Way | None:
        binding = self._locations.reach(device.username)
        if binding is None:
            return None
        line = plan.rings.line if plan.rings is not None else None
        shared = line if line is not None and line.is_representative else None
        caller = caller_to_device(plan.caller, self._domain)
        fields = crossing(invite, from_trunk=plan.from_trunk, to_trunk=False)
        if shared is not None and device.called_display is CalledDisplay.DISPLAY_NAME:
            caller = named_before(caller, shared)
        elif shared is not None and device.called_display is CalledDisplay.HEADER:
            fields += called_fields(shared, self._domain)
        # The To value too tells a phone which of its numbers rings.
        user = called or device.extension if line is None else national(line)
        return Way(
            binding.flow,
            Invitation(
                uri=binding.contact,
                caller=caller,
                callee=f"<{SipUri('sip', user, self._domain)}>",
                max_forwards=one_hop_less(invite),
                route=binding.path,
                fields=tuple(fields),
            ),
        )

    def _to_trunk(self, out: Out, trunk: Trunk, invite: Request) -> Way | None:
        flows = self._trunks.flows(trunk.name)
        if not flows:
            return None
        names = call_to_trunk(out, trunk)
        return Way(
            flows[0],
            Invitation(
                uri=names.uri,
                caller=names.caller,
                callee=names.callee,
                max_forwards=one_hop_less(invite),
                fields=names.fields,
                authorizer=self._trunks.authorizer(trunk.name),
            ),
        )


def national(line: Line) -> str:
    """Write a line's number as its users know it."""
    return Number.parse(line.number).national


def named_before(caller: str, line: Line) -> str:
    """Put a called number's name before the caller's in a From value."""
    address = NameAddr.parse(caller)
    name = line.name or national(line)
    who = address.display_name
    if not who or who == name:
        # A colleague who presents the number that is called would only show its name twice.
        who = SipUri.parse(address.uri).user
    return str(NameAddr(f"{name} {who}", address.uri, address.params))


def called_fields(line: Line, domain: str) -> list[Field]:
    """Tell a called number in header fields (RFC 7315 section 4.2, RFC 3261 section 20.4)."""
    number = national(line)
    party = NameAddr(line.name, str(SipUri("sip", number, domain)), {})
    return [("P-Called-Party-ID", str(party)), ("Alert-Info", f"<{ALERT_URI}>;info={number}")]


def one_hop_less(invite: Request) -> int:
    """Return one hop less than the A leg had left."""
    text = invite.first("max-forwards") or "70"
    return max(int(text) - 1, 0) if text.isdigit() else 69
