"""The operator's story of registrations."""

import msgspec
import pytest

from routing.device import Device, DeviceKind
from switch.effect import DeleteBinding, Level
from switch.registrar.location import Binding
from switch.registrar.story import ended, is_same_device, refused, same_uri, story
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request
from switch.sip.uri import SipUri

ALICE = Device("alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {"MD5": "s3cret"})
HOME = Flow(Transport.UDP, Address("192.0.2.10", 5060), Address("198.51.100.1", 5062))
OFFICE = Flow(Transport.UDP, Address("192.0.2.10", 5060), Address("198.51.100.9", 5062))
BINDING = Binding(
    "alice", "sip:alice@10.0.0.5", (), HOME, "one", 1, 300.0, None, "Phone/1", 1.0, granted=300
)  # fmt: skip


@pytest.mark.parametrize(
    ("earlier", "event", "level"),
    [
        (None, "registered", Level.INFO),
        (BINDING, "re_registered", Level.DEBUG),
        (msgspec.structs.replace(BINDING, flow=OFFICE, call_id="two"), "replaced", Level.WARNING),
    ],
)
def test_who_registers_is_new_known_or_a_replacement(
    earlier: Binding | None, event: str, level: Level
) -> None:
    line = story(ALICE, earlier, BINDING)
    assert (line.event, line.level) == (event, level)
    assert line.fields["address"] == "udp:198.51.100.1:5062"
    assert line.fields["number"] == "+81312340001"
    assert ("earlier_address" in line.fields) is (event == "replaced")


def test_a_device_is_known_by_instance_before_call_id() -> None:
    one = msgspec.structs.replace(BINDING, instance="urn:uuid:1")
    other = msgspec.structs.replace(BINDING, instance="urn:uuid:2")
    assert is_same_device(one, BINDING)
    assert not is_same_device(one, other)


def test_uris_are_compared_as_uris() -> None:
    assert same_uri("sip:alice@HOST", SipUri.parse("sip:alice@host"))


def test_an_ended_binding_is_forgotten_and_told() -> None:
    forgotten, line = ended(BINDING, "expired")
    assert forgotten == DeleteBinding("alice")
    assert "expired" in repr(line)


def test_a_refusal_names_its_rule_and_no_secret() -> None:
    request = Request("REGISTER", "sip:h", [("Call-ID", "one")])
    line = refused(request, HOME, ALICE, 403, "address_of_record")
    assert line.fields["rule"] == "address_of_record"
    assert line.fields["status"] == 403
    assert "s3cret" not in repr(line)
