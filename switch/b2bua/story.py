"""What every line of a call's story says: whose call it is, and by which dialog it is traced."""

from routing.device import Device
from routing.limit import LimitKind
from routing.route import Outcome, Refuse, Ring, Serve
from routing.trunk import Trunk
from switch.b2bua.call import Branch, Call
from switch.effect import Fields


def about_call(call: Call, origin: Device | Trunk, outcome: Outcome) -> Fields:
    """Name a call by the A leg's dialog, and by whose contract and number it is."""
    fields: Fields = {"call_id": call.id, "sip_call_id": call.record.sip_call_id}
    return fields | about_owner(origin, outcome) | about_party(origin)


def about_owner(origin: Device | Trunk, outcome: Outcome) -> Fields:
    """Name whose call it is: the calling device's, or the line's that a carrier's call is for."""
    if isinstance(origin, Device):
        return {"contract": origin.contract, "number": origin.number}
    if isinstance(outcome, Ring | Serve) and outcome.line is not None:
        return {"contract": outcome.line.contract, "number": outcome.line.number}
    return {}


def representative_of(outcome: Outcome) -> str | None:
    """Return the representative number whose channel a call takes, called or presented."""
    claims = () if isinstance(outcome, Refuse) else outcome.claims
    return next((each.key.name for each in claims if each.key.kind is LimitKind.NUMBER), None)


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
