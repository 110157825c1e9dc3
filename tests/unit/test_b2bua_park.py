"""The parking lot: a slot holds one call, and is free the moment that is gone."""

from hypothesis import given
from hypothesis import strategies as st

from switch.b2bua.park import DEFAULT_SLOTS, Parked, ParkingLot


def parked(call_id: str, slot: str = "1", contract: str = "c1") -> Parked:
    return Parked(contract, slot, call_id, "alice", 5.0)


def test_a_call_waits_in_its_slot_until_it_leaves() -> None:
    lot = ParkingLot()
    assert lot.park(parked("x"))
    assert lot.occupant("c1", "1") == lot.of_call("x") == parked("x")
    assert (list(lot), repr(lot)) == ([parked("x")], "<ParkingLot 1 parked>")
    assert lot.leave("x") == parked("x")
    assert lot.occupant("c1", "1") is None
    assert lot.leave("x") is None


def test_a_taken_slot_takes_no_other_call_but_its_own_again() -> None:
    lot = ParkingLot()
    assert lot.park(parked("x"))
    assert not lot.park(parked("y"))
    assert lot.park(parked("x"))
    assert len(lot) == 1


def test_a_call_that_is_parked_elsewhere_moves() -> None:
    lot = ParkingLot()
    lot.park(parked("x", "1"))
    assert lot.park(parked("x", "2"))
    assert lot.occupant("c1", "1") is None
    assert lot.occupant("c1", "2") == parked("x", "2")


def test_contracts_have_slots_of_their_own() -> None:
    lot = ParkingLot()
    assert lot.park(parked("x", contract="c1"))
    assert lot.park(parked("y", contract="c2"))


def test_the_free_slot_is_the_first_without_a_call_and_none_when_all_are_taken() -> None:
    lot = ParkingLot()
    lot.park(parked("0", "1"))
    assert lot.free_slot("c1") == "2"
    for slot in DEFAULT_SLOTS:
        lot.park(parked(f"call-{slot}", slot))
    assert lot.free_slot("c1") is None
    assert lot.free_slot("c2") == "1"


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc"), st.sampled_from("123"))))
def test_both_ways_of_asking_agree_whatever_happened(
    steps: list[tuple[bool, str, str]],
) -> None:
    lot = ParkingLot()
    for parks, call_id, slot in steps:
        if parks:
            lot.park(parked(call_id, slot))
        else:
            lot.leave(call_id)
        found = [each for slot in "123" if (each := lot.occupant("c1", slot)) is not None]
        assert sorted(each.call_id for each in found) == sorted(each.call_id for each in lot)
        assert all(lot.of_call(each.call_id) is each for each in found)
