"""The directory: looking up, and refusing what contradicts itself."""

from dataclasses import replace

import pytest

from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory, DirectoryError
from routing.trunk import Trunk, TrunkCredential

ALICE = Device(
    "alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {"MD5": "secret-hash"}
)
BOB = Device("bob", "c1", "102", "+81312340002", "Bob", DeviceKind.APP, {})
CAROL = Device("carol", "c2", "101", "+81312340003", "Carol", DeviceKind.ATA, {})
ONE = Trunk("one", "192.0.2.1", addresses=("192.0.2.1", "192.0.2.16/28"), priority=2)
TWO = Trunk("two", "sip.example.net", addresses=("192.0.2.20", "2001:db8::1"), priority=1)


def test_a_device_is_found_by_each_of_its_names() -> None:
    directory = Directory.build(plain_customers([ALICE, BOB, CAROL]))
    assert directory.device("alice") is ALICE
    assert directory.by_number("+81312340002") is BOB
    assert directory.by_extension("c2", "101") is CAROL
    assert directory.device("dave") is None
    assert directory.by_number("+81312340009") is None
    assert directory.by_extension("c2", "102") is None
    assert repr(directory) == "<Directory 3 devices, 0 trunks>"


def test_trunks_are_ordered_by_priority_and_found_by_name() -> None:
    directory = Directory.build(trunks=[ONE, TWO])
    assert directory.trunks == (TWO, ONE)
    assert directory.trunk("one") is ONE
    assert directory.trunk("three") is None


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.1", "one"),
        ("192.0.2.17", "one"),
        ("192.0.2.20", "two"),
        ("2001:db8::1", "two"),
        ("192.0.2.99", None),
        ("not-an-address", None),
    ],
)
def test_the_sender_of_a_call_is_its_trunk_by_address_then_by_network(
    host: str, name: str | None
) -> None:
    trunk = Directory.build(trunks=[ONE, TWO]).trunk_for_address(host)
    assert (trunk and trunk.name) == name


def test_the_narrowest_network_wins() -> None:
    wide = Trunk("wide", "a", addresses=("198.51.100.0/24",))
    narrow = Trunk("narrow", "b", addresses=("198.51.100.0/28",))
    directory = Directory.build(trunks=[wide, narrow])
    assert directory.trunk_for_address("198.51.100.3") is narrow
    assert directory.trunk_for_address("198.51.100.99") is wide


def test_without_networks_only_exact_addresses_are_looked_at() -> None:
    assert Directory.build(trunks=[TWO]).trunk_for_address("192.0.2.21") is None


def test_every_contradiction_is_named_at_once() -> None:
    devices = [
        ALICE,
        replace(ALICE, display_name="Second"),
        replace(BOB, extension="110", number="0312340002"),
        replace(CAROL, number="nonsense"),
    ]
    trunks = [
        ONE,
        replace(ONE, numbers=frozenset({"+81312340001", "0312340009"})),
        replace(TWO, addresses=("192.0.2.1", "nowhere")),
    ]
    with pytest.raises(DirectoryError) as caught:
        Directory.build(devices, trunks)
    assert set(caught.value.faults) == {
        "the user name alice is used 2 times",
        "the number +81312340001 is used 2 times",
        "the extension 101 of contract c1 is used 2 times",
        "the number 0312340002 of bob is not in E.164",
        "the number nonsense of carol is not in E.164",
        "the extension 110 of bob is an emergency number",
        "the trunk name one is used 2 times",
        "the number 0312340009 of trunk one is not in E.164",
        "the address nowhere of trunk two is no address or network",
        "the address 192.0.2.1 belongs to trunks two and one",
    }


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(ALICE)
    assert "secret" not in repr(TrunkCredential("user", "secret"))


def test_a_trunk_without_numbers_carries_any() -> None:
    assert ONE.carries("+81312340001")
    assert not replace(ONE, numbers=frozenset({"+81312340002"})).carries("+81312340001")


def test_the_domain_is_the_next_hops_unless_given() -> None:
    assert ONE.sip_domain == "192.0.2.1"
    assert replace(ONE, domain="ims.example").sip_domain == "ims.example"
