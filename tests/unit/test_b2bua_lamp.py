"""What the lamps of a contract show, as calls stand."""

import pytest

from switch.b2bua.lamp import LISTS, Lamps
from switch.b2bua.park import DEFAULT_SLOTS
from switch.notifier.dialog_event import DialogFact, DialogState
from tests.support.manner import Manner
from tests.support.switch import World

CONTRACT = "contract-1"


class Office:
    """Three phones, and their lamps."""

    def __init__(self) -> None:
        self.world = World()
        self.world.register("alice", "bob", "carol")
        self.lamps = Lamps(self.world.switch.core.dispatcher)

    def shown(self, name: str, contract: str = CONTRACT) -> list[DialogFact]:
        """Return what a lamp shows; the lamp must be there."""
        found = self.lamps.dialogs(contract, name)
        assert found is not None
        return list(found)

    def states(self, name: str) -> list[tuple[DialogState, bool, str | None]]:
        """Return each dialog's state, whether the device was called, and by or whom."""
        return [(each.state, each.is_recipient, each.remote) for each in self.shown(name)]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_names_every_slot_and_extension_of_its_own_contract(name: str) -> None:
    slots = [f"*{slot}" for slot in DEFAULT_SLOTS]
    assert Office().lamps.lamps(CONTRACT, name) == [*slots, "101", "102", "103"]


def test_there_is_no_other_list_and_none_of_a_contract_that_is_not_there() -> None:
    lamps = Office().lamps
    assert lamps.lamps(CONTRACT, "101") is None
    assert lamps.lamps("nobody", "lamps") is None


@pytest.mark.parametrize("name", ["*0", "*10", "*", "109", ""])
def test_what_is_no_slot_and_no_extension_has_no_lamp(name: str) -> None:
    assert Office().lamps.dialogs(CONTRACT, name) is None


def test_a_phones_lamp_follows_a_call_between_two_of_them() -> None:
    office = Office()
    assert office.shown("101") == []
    call = office.world.alice.call("102")
    office.world.run(1)
    assert office.states("101") == [(DialogState.EARLY, False, "102")]
    assert office.states("102") == [(DialogState.EARLY, True, "101")]
    office.world.run(3)
    assert office.states("101") == [(DialogState.CONFIRMED, False, "102")]
    call.hold()
    office.world.run(1)
    assert [each.is_held for each in office.shown("101") + office.shown("102")] == [True, False]
    call.hang_up()
    office.world.run(1)
    assert office.shown("101") == office.shown("102") == []


def test_what_rings_is_shown_before_what_talks_and_names_the_dialog() -> None:
    office = Office()
    office.world.carrier_1.call_in("0312340001")
    office.world.run(4)
    office.world.alice.manner = Manner(answer_after=60.0)
    office.world.carrier_1.call_in("0312340001", caller="0312345678")
    office.world.run(1)
    ringing, talking = office.shown("101")
    assert (ringing.state, talking.state) == (DialogState.EARLY, DialogState.CONFIRMED)
    assert ringing.remote == "+81312345678"
    call_id, _, tags = office.world.alice.calls[-1].replaces().partition(";")
    assert ringing.call_id == call_id
    assert tags == f"to-tag={ringing.local_tag};from-tag={ringing.remote_tag}"


def test_a_slots_lamp_shows_who_waits_in_it_in_its_own_contract_only() -> None:
    office = Office()
    office.world.carrier_1.call_in("0312340001")
    office.world.run(4)
    office.world.alice.calls[0].refer("*1")
    office.world.run(1)
    (fact,) = office.shown("*1")
    assert (fact.id, fact.state, fact.is_held) == ("*1", DialogState.CONFIRMED, True)
    assert fact.remote == "+819012345678"
    assert office.shown("*2") == office.shown("*1", "contract-2") == []
