"""The directory: looking up, and refusing what contradicts itself."""

from dataclasses import replace

import pytest

from routing.carrier import CarrierRoute
from routing.customer import Customer
from routing.device import Device, DeviceKind
from routing.directory import Directory, DirectoryError
from routing.line import Line, LineKind, Ringer
from routing.trunk import Trunk, TrunkCredential

ALICE = Device(
    "alice", "c1", "101", "+81312340001", "Alice", DeviceKind.FIXED, {"MD5": "secret-hash"}
)
BOB = Device("bob", "c1", "102", "+81312340002", "Bob", DeviceKind.APP, {})
CAROL = Device("carol", "c2", "101", "+81312340003", "Carol", DeviceKind.ATA, {})
MAIN_NUMBER = "+81398765000"
MAIN = Line(MAIN_NUMBER, "c1", LineKind.REPRESENTATIVE, (Ringer("alice"), Ringer("bob")), "Main")
OFFICE = Customer("c1", (ALICE, BOB), (MAIN,))
NEXT = Customer("c2", (CAROL,))
ONE = Trunk("one", "192.0.2.1", addresses=("192.0.2.1", "192.0.2.16/28"), priority=2)
TWO = Trunk("two", "sip.example.net", addresses=("192.0.2.20", "2001:db8::1"), priority=1)


def test_everything_is_found_by_each_of_its_names() -> None:
    known = Directory.build([OFFICE, NEXT])
    assert known.device("alice") is ALICE
    assert known.line("+81398765000") is MAIN
    assert known.line("+81312340002") == Line(
        "+81312340002", "c1", LineKind.DIRECT, (Ringer("bob"),)
    )
    assert known.customer("c2") is NEXT
    assert known.by_extension("c2", "101") is CAROL
    assert repr(known) == "<Directory 2 customers, 3 devices, 4 numbers, 0 trunks>"


def test_what_is_not_there_is_not_found() -> None:
    known = Directory.build([OFFICE, NEXT])
    assert known.device("dave") is None
    assert known.line("+81312340009") is None
    assert known.customer("c3") is None
    assert known.by_extension("c2", "102") is None
    assert known.by_extension("c3", "101") is None


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


def faults(*customers: Customer, known: Directory | None = None) -> set[str]:
    change = Directory.build if known is None else known.with_changes
    with pytest.raises(DirectoryError) as caught:
        change(customers)
    return set(caught.value.faults)


def test_every_contradiction_of_trunks_is_named_at_once() -> None:
    trunks = [
        ONE,
        replace(ONE, numbers=frozenset({"+81312340001", "0312340009"})),
        replace(TWO, addresses=("192.0.2.1", "nowhere")),
    ]
    with pytest.raises(DirectoryError) as caught:
        Directory.build([], trunks, [CarrierRoute("three")])
    assert {
        "the trunk name one is used 2 times",
        "the number 0312340009 of trunk one is not in E.164",
        "the address nowhere of trunk two is no address or network",
        "the address 192.0.2.1 belongs to trunks two and one",
    } < set(caught.value.faults)
    assert any("three" in fault for fault in caught.value.faults)


def test_what_is_used_twice_is_named() -> None:
    twin = replace(BOB, username="alice", extension="101", number=ALICE.number)
    assert faults(Customer("c1", (ALICE, twin)), Customer("c1")) >= {
        "the contract c1 is used 2 times",
        "the user name alice is used 2 times",
        "the extension 101 of contract c1 is used 2 times",
    }
    other = replace(CAROL, number=ALICE.number)
    assert faults(OFFICE, replace(NEXT, devices=(other,))) == {
        "the number +81312340001 is used 2 times"
    }


@pytest.mark.parametrize(
    ("customer", "said"),
    [
        (replace(OFFICE, contract="c9"), "the device alice is not of contract c9"),
        (replace(OFFICE, contract="c9"), "the number +81398765000 is not of contract c9"),
        (
            replace(OFFICE, devices=(replace(ALICE, number="0312340001"), BOB)),
            "the number 0312340001 of contract c1 is not in E.164",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, number="nonsense"), BOB)),
            "the number nonsense of contract c1 is not in E.164",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, extension="110"), BOB)),
            "the extension 110 hides an emergency number",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, extension="*97"), BOB)),
            "the extension *97 hides the code of voicemail",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, caller_id="+81612340001"), BOB)),
            "alice presents +81612340001, which its contract does not hold",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, caller_id=BOB.number), BOB)),
            "alice presents +81312340002, which is not assigned to it",
        ),
        (
            replace(OFFICE, devices=(replace(ALICE, number=MAIN_NUMBER), BOB)),
            "the number +81398765000 is direct and representative at once",
        ),
        (
            replace(OFFICE, lines=(replace(MAIN, ringers=(Ringer("dave"),)),)),
            "the number +81398765000 rings dave, who is not there",
        ),
        (
            replace(OFFICE, lines=(replace(MAIN, kind=LineKind.DIRECT),)),
            "the direct number +81398765000 is not the one of the ID that it rings",
        ),
        (
            replace(OFFICE, lines=(replace(MAIN, voicemail_delay=0),)),
            "voicemail answers +81398765000 after 0 s, which is not 1 to 180",
        ),
        (
            replace(OFFICE, lines=(replace(MAIN, voicemail_delay=180.5),)),
            "voicemail answers +81398765000 after 180.5 s, which is not 1 to 180",
        ),
    ],
)
def test_a_customer_that_contradicts_itself_is_refused(customer: Customer, said: str) -> None:
    assert said in faults(customer)
    assert said in faults(customer, known=Directory.build([NEXT]))


def test_an_id_may_present_its_own_number_and_one_that_is_assigned_to_it() -> None:
    devices = (replace(ALICE, caller_id=ALICE.number), replace(BOB, caller_id=MAIN_NUMBER))
    known = Directory.build([replace(OFFICE, devices=devices)])
    assert known.devices["bob"].caller_id == MAIN_NUMBER


def test_a_customer_is_replaced_whole_and_the_old_snapshot_stays() -> None:
    before = Directory.build([OFFICE, NEXT], [ONE])
    dave = replace(BOB, username="dave", extension="109", number="+81312340009")
    after = before.with_customer(replace(OFFICE, devices=(ALICE, dave), lines=()))
    assert after.by_extension("c1", "109") is dave
    assert after.line("+81312340009") is not None
    assert after.device("bob") is None
    assert after.line(BOB.number) is None
    assert before.device("bob") is BOB
    assert before.by_extension("c1", "109") is None
    assert after.customer("c2") is NEXT
    assert after.trunks is before.trunks


def test_a_new_customer_is_added_and_one_that_left_is_gone() -> None:
    known = Directory.build([OFFICE]).with_customer(NEXT)
    assert known.device("carol") is CAROL
    assert known.without_customer("c2").device("carol") is None
    assert known.without_customer("c2").customers.keys() == {"c1"}
    assert known.without_customer("c3").customers == known.customers


def test_customers_may_hand_numbers_over_in_one_change() -> None:
    known = Directory.build([OFFICE, NEXT])
    swapped = known.with_changes([replace(NEXT, lines=(moved("c2", "carol"),))], ["c1"])
    assert swapped.lines[MAIN_NUMBER].contract == "c2"


def moved(contract: str, username: str) -> Line:
    return replace(MAIN, contract=contract, ringers=(Ringer(username),))


def test_what_another_contract_has_is_not_given_twice() -> None:
    known = Directory.build([OFFICE])
    thief = replace(CAROL, username="alice")
    assert faults(Customer("c2", (thief,), (moved("c2", "alice"),)), known=known) == {
        "the user name alice belongs to contract c1",
        "the number +81398765000 belongs to contract c1",
    }


def test_trunks_change_alone() -> None:
    known = Directory.build([OFFICE, NEXT], [ONE])
    changed = known.with_trunks([TWO])
    assert changed.trunks == (TWO,)
    assert changed.carriers.trunks == (TWO,)
    assert changed.customers is known.customers
    assert changed.by_extension("c1", "101") is ALICE
    assert changed.plan is known.plan


def test_secrets_are_not_shown() -> None:
    assert "secret" not in repr(ALICE)
    assert "secret" not in repr(TrunkCredential("user", "secret"))


def test_a_trunk_without_numbers_carries_any() -> None:
    assert ONE.carries("+81312340001")
    assert not replace(ONE, numbers=frozenset({"+81312340002"})).carries("+81312340001")


def test_the_domain_is_the_next_hops_unless_given() -> None:
    assert ONE.sip_domain == "192.0.2.1"
    assert replace(ONE, domain="ims.example").sip_domain == "ims.example"
