"""The office's own answers: what it reads of an INVITE, and whom it shows to whom."""

import pytest

from switch.b2bua.event import Fail
from switch.b2bua.office import PARK_SECONDS, named_by
from switch.sip.header.replaces import Replaces
from tests.support.exchange import request
from tests.support.switch import World


def test_an_invite_names_one_dialog_to_take_or_none() -> None:
    assert named_by(request()) is None
    named = named_by(request(fields=[("Replaces", "x@y;to-tag=1;from-tag=2;early-only")]))
    assert isinstance(named, Replaces)
    assert (named.call_id, named.to_tag, named.from_tag) == ("x@y", "1", "2")
    assert named.early_only


@pytest.mark.parametrize(
    "values", [["x"], ["x;to-tag=1"], ["x;to-tag=1;from-tag=2", "y;to-tag=1;from-tag=2"]]
)
def test_an_invite_that_names_no_one_dialog_is_refused_with_400(values: list[str]) -> None:
    named = named_by(request(fields=[("Replaces", value) for value in values]))
    assert isinstance(named, Fail)
    assert named.status == 400


def test_a_party_is_shown_by_its_extension_inside_and_by_its_number_outside() -> None:
    world = World()
    world.register("alice", "bob")
    inside, outside = world.alice.call("102"), world.carrier_1.call_in("0312340002")
    hidden = world.carrier_1.call_in("0312340002", caller="anonymous")
    world.run(4)
    dispatcher = world.switch.core.dispatcher
    shown = {
        call.a.sip_call_id: dispatcher.office.shown(call, call.near)
        for call in dispatcher.calls.values()
    }
    assert (shown[inside.call_id].number, shown[inside.call_id].display_name) == ("101", "Alice")
    assert shown[outside.call_id].number == "+819012345678"
    assert (shown[hidden.call_id].number, shown[hidden.call_id].withheld) == (None, True)
    for call in (inside, outside, hidden):
        call.hang_up()
    world.expect_clean()


def test_a_call_waits_in_its_slot_for_its_time_and_leaves_no_timer_when_it_ends() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    world.alice.calls[0].refer("*4")
    world.run(1)
    lot = world.switch.core.dispatcher.office.lot
    (parked,) = lot
    assert (parked.contract, parked.slot, parked.parker) == ("contract-1", "4", "alice")
    world.run(PARK_SECONDS - 10)
    assert len(world.alice.calls) == 1
    call.hang_up()
    world.run(1)
    assert not len(lot)
    world.expect_clean()
    assert not world.switch.logged("park_expired")
