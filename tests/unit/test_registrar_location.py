"""The location service: bindings, flows, expiry, restart."""

import msgspec
import pytest

from switch.effect import WriteBinding
from switch.registrar.location import Binding, LocationService
from switch.sip.flow import Address, Flow, Transport

LOCAL = Address("192.0.2.10", 5060)
UDP = Flow(Transport.UDP, LOCAL, Address("198.51.100.1", 5062))
TCP = Flow(Transport.TCP, LOCAL, Address("198.51.100.2", 40000), connection=7)
TLS = Flow(Transport.TLS, LOCAL, Address("198.51.100.2", 40001), connection=8)


def binding(device: str = "alice", flow: Flow = UDP, expires_at: float = 100.0) -> Binding:
    return Binding(
        device=device, contact=f"sip:{device}@10.0.0.1", path=(), flow=flow, call_id="c", cseq=1,
        expires_at=expires_at, instance=None, user_agent="Phone/1", registered_at=1000.0,
        kept_until=1100.0,
    )  # fmt: skip


def test_a_device_has_one_binding_and_the_replaced_one_is_told() -> None:
    locations = LocationService()
    first, second = binding(), binding(flow=TCP)
    assert locations.put(first) is None
    assert locations.put(second) is first
    assert locations.lookup("alice") is second
    assert locations.reach("alice") is second
    assert list(locations) == [second]
    assert len(locations) == 1


def test_an_unknown_device_is_nowhere() -> None:
    locations = LocationService()
    assert locations.lookup("alice") is None
    assert locations.reach("alice") is None
    assert locations.remove("alice") is None
    assert locations.next_deadline() is None


def test_a_closed_connection_puts_its_devices_out_of_reach_until_they_register_again() -> None:
    locations = LocationService()
    for device in ("alice", "bob"):
        locations.put(binding(device, TCP))
    locations.put(binding("carol", TLS))
    assert [lost.device for lost in locations.lose_flow(TCP)] == ["alice", "bob"]
    assert locations.reach("alice") is None
    assert locations.lookup("alice") is not None
    assert locations.reach("carol") is not None
    locations.put(binding("alice", TLS))
    assert locations.reach("alice") is not None
    assert [there.device for there in locations.on_flow(TLS)] == ["alice", "carol"]
    assert [there.device for there in locations.on_flow(TCP)] == ["bob"]


def test_a_lost_datagram_closes_nothing() -> None:
    locations = LocationService()
    locations.put(binding())
    assert locations.lose_flow(UDP) == []
    assert locations.reach("alice") is not None


def test_a_removed_binding_leaves_nothing_behind() -> None:
    locations = LocationService()
    locations.put(binding(flow=TCP))
    removed = locations.remove("alice")
    assert removed is not None
    assert locations.on_flow(TCP) == []
    assert locations.next_deadline() is None
    assert len(locations) == 0


def test_a_binding_expires_at_its_time_and_not_before() -> None:
    locations = LocationService()
    locations.put(binding("alice", expires_at=100.0))
    locations.put(binding("bob", TCP, expires_at=110.0))
    assert locations.next_deadline() == 100.0
    assert locations.expire(99.9) == []
    assert [gone.device for gone in locations.expire(100.0)] == ["alice"]
    assert [gone.device for gone in locations.expire(200.0)] == ["bob"]
    assert locations.next_deadline() is None


def test_a_refresh_moves_the_expiry_without_a_new_deadline_and_a_shortening_sets_one() -> None:
    locations = LocationService()
    locations.put(binding(expires_at=100.0))
    locations.put(binding(expires_at=150.0))
    assert locations.next_deadline() == 100.0
    assert locations.expire(100.0) == []
    assert locations.next_deadline() == 150.0
    locations.put(binding(expires_at=120.0))
    assert locations.next_deadline() == 120.0
    assert len(locations.expire(120.0)) == 1


def row(flow: Flow, expires_at: float) -> WriteBinding:
    return WriteBinding(
        "alice", "sip:a@h", ("<sip:p;lr>",), flow, "c", 5, expires_at, "urn", "P", 1.0
    )


def test_a_kept_binding_is_restored_with_what_is_left_of_it() -> None:
    locations = LocationService()
    restored = locations.restore(row(UDP, 1600.0), 10.0, 1000.0)
    assert restored is locations.reach("alice")
    assert restored is not None
    assert restored.expires_at == 610.0
    assert restored.row() == row(UDP, 1600.0)
    assert restored.remaining(10.4) == 600
    assert restored.remaining(1e6) == 0


def test_a_restored_stream_is_out_of_reach_until_the_device_comes_again() -> None:
    locations = LocationService()
    restored = locations.restore(row(TCP, 1600.0), 10.0, 1000.0)
    assert restored is not None
    assert restored.flow == msgspec.structs.replace(TCP, connection=0)
    assert locations.reach("alice") is None
    assert locations.lookup("alice") is restored


@pytest.mark.parametrize("expires_at", [1000.0, 500.0])
def test_what_expired_meanwhile_is_not_restored(expires_at: float) -> None:
    locations = LocationService()
    assert locations.restore(row(UDP, expires_at), 10.0, 1000.0) is None
    assert len(locations) == 0


def test_a_flow_is_bound_as_long_as_a_device_is_registered_on_it() -> None:
    locations = LocationService()
    locations.put(binding("alice"))
    locations.put(binding("bob"))
    assert locations.is_bound(UDP)
    assert not locations.is_bound(TCP)
    locations.put(binding("alice", TCP))
    assert locations.is_bound(UDP)
    assert locations.is_bound(TCP)
    locations.remove("bob")
    assert not locations.is_bound(UDP)
