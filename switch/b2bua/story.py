"""What every line of a call's story says: whose call it is, and by which dialog it is traced."""

from routing.device import Device
from routing.route import Outcome, Ring
from routing.trunk import Trunk
from switch.b2bua.call import Branch, Call
from switch.effect import Fields


def about_call(call: Call, origin: Device | Trunk, outcome: Outcome) -> Fields:
    """Name a call by the A leg's dialog, and by whose contract it is."""
    fields: Fields = {"call_id": call.id, "sip_call_id": call.record.sip_call_id}
    owner = owner_of(origin, outcome)
    if owner is not None:
        fields |= {"contract": owner.contract, "number": owner.number}
    return fields | about_party(origin)


def owner_of(origin: Device | Trunk, outcome: Outcome) -> Device | None:
    """Return whose call it is: the calling device's, or the first that a carrier's call rings."""
    if isinstance(origin, Device):
        return origin
    return outcome.devices[0] if isinstance(outcome, Ring) else None


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
