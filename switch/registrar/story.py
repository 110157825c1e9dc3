"""The operator's story of registrations: who came, came again, was replaced, left, was refused."""

from routing.device import Device
from switch.effect import CoreEffect, DeleteBinding, Level, Log
from switch.registrar.location import Binding
from switch.sip.flow import Flow
from switch.sip.message import Request
from switch.sip.uri import SipUri

Fields = dict[str, str | int | float | bool | None]


def is_same_device(earlier: Binding, later: Binding) -> bool:
    """Tell a device that registers again from another one with its credentials."""
    if earlier.instance is not None and later.instance is not None:
        return earlier.instance == later.instance
    if earlier.call_id == later.call_id:
        return True
    # After a reboot the Call-ID is new, and a softphone's Contact too: whoever speaks from the same
    # socket under the same name, or has the same Contact behind the same NAT, is the same phone.
    if (earlier.flow.remote, earlier.user_agent) == (later.flow.remote, later.user_agent):
        return True
    return earlier.flow.remote.host == later.flow.remote.host and same_uri(
        earlier.contact, SipUri.parse(later.contact)
    )


def same_uri(text: str, uri: SipUri) -> bool:
    """Compare a kept URI with another (RFC 3261 section 19.1.4)."""
    return SipUri.parse(text).equals(uri)


def story(device: Device, earlier: Binding | None, binding: Binding) -> Log:
    """Tell that a device has registered, and what this changed."""
    fields = fields_of(binding, device)
    fields["expires"] = binding.granted
    if earlier is None:
        return Log("registered", Level.INFO, fields)
    if earlier.flow is not binding.flow and earlier.flow != binding.flow:
        fields["earlier_address"] = str(earlier.flow.remote)
    if is_same_device(earlier, binding):
        return Log("re_registered", Level.DEBUG, fields)
    fields["earlier_user_agent"] = earlier.user_agent
    fields["earlier_address"] = str(earlier.flow.remote)
    return Log("replaced", Level.WARNING, fields)


def ended(binding: Binding, event: str, device: Device | None = None) -> list[CoreEffect]:
    """Forget a binding that has ended, and tell by which event."""
    return [DeleteBinding(binding.device), Log(event, Level.INFO, fields_of(binding, device))]


def fields_of(binding: Binding, device: Device | None = None) -> Fields:
    """Return what every line about a binding says."""
    fields: Fields = {
        "device": binding.device,
        "contact": binding.contact,
        "address": str(binding.flow),
        "user_agent": binding.user_agent,
        "sip_call_id": binding.call_id,
    }
    if device is not None:
        fields |= {"contract": device.contract, "number": device.number}
    return fields


def refused(request: Request, flow: Flow, device: Device, status: int, rule: str) -> Log:
    """Tell why a REGISTER changed nothing."""
    fields: Fields = {
        "device": device.username,
        "contract": device.contract,
        "number": device.number,
        "address": str(flow),
        "sip_call_id": request.call_id,
        "status": status,
        "rule": rule,
    }
    return Log("registration_refused", Level.WARNING, fields)
