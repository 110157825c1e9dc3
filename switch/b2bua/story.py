"""What every line of a call's story says: whose call it is, and by which dialog it is traced."""

from collections.abc import Mapping

from routing.decision import Decision, Refuse
from routing.device import Device
from routing.limit import LimitKind
from routing.trace import Rule
from routing.trunk import Trunk
from switch.b2bua.branch import Branch
from switch.b2bua.call import Call
from switch.effect import Fields


def about_call(call: Call, origin: Device | Trunk, decision: Decision) -> Fields:
    """Name a call by the A leg's dialog, and by whose contract and number it is."""
    fields: Fields = {"call_id": call.id, "sip_call_id": call.record.sip_call_id}
    return fields | about_owner(origin, decision) | about_party(origin) | about_channel(decision)


def about_owner(origin: Device | Trunk, decision: Decision) -> Fields:
    """Name whose call it is: the calling device's, or the line's that a carrier's call is for."""
    if isinstance(origin, Device):
        return {"contract": origin.contract, "number": origin.number}
    # A refused call has no line, but the trace knows which one it was refused on.
    found = (dict(step.inputs) for step in decision.trace if step.rule is Rule.LINE)
    return next(({**inputs} for inputs in found if inputs["contract"]), {})


def about_channel(decision: Decision) -> Fields:
    """Name the representative number, called or presented, of which a call takes a channel."""
    outcome = decision.outcome
    keys = [] if isinstance(outcome, Refuse) else [claim.key for claim in outcome.claims]
    shared = (key.name for key in keys if key.kind is LimitKind.NUMBER)
    return next(({"representative": number} for number in shared), {})


def about_party(party: Device | Trunk) -> Fields:
    """Name the far side of a leg."""
    return {"trunk": party.name} if isinstance(party, Trunk) else {"device": party.username}


def about_branch(story: Fields, branch: Branch, party: Device | Trunk) -> Fields:
    """Name a B leg of a call by its own dialog and far side."""
    about = {name: value for name, value in story.items() if name not in {"device", "trunk"}}
    about["sip_call_id"] = branch.leg.sip_call_id
    if isinstance(party, Device):
        about |= {"contract": party.contract, "number": party.number}
    return about | about_party(party)


def about_packets(call: Call) -> Mapping[str, int]:
    """Return what each end of an answered call was heard to send."""
    if call.winner is None:
        return {}
    ends = {"a_packets": call.record, "b_packets": call.winner.record}
    return {
        name: sum(stream.packets_received for stream in record.counters)
        for name, record in ends.items()
    }
