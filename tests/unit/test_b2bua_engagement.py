"""Which calls each device takes part in."""

from switch.b2bua.engagement import Engagements


def test_a_devices_calls_are_told_in_the_order_in_which_they_came_and_once_each() -> None:
    engaged = Engagements()
    for call in ("first", "second", "first"):
        engaged.enter("alice", call)
    assert engaged.calls("alice") == ("first", "second")
    assert engaged.calls("bob") == ()


def test_a_device_that_has_left_its_last_call_is_forgotten() -> None:
    engaged = Engagements()
    engaged.enter("alice", "first")
    engaged.enter("alice", "second")
    engaged.leave("alice", "first")
    assert (engaged.calls("alice"), len(engaged)) == (("second",), 1)
    engaged.leave("alice", "second")
    engaged.leave("alice", "second")
    engaged.leave("bob", "second")
    assert len(engaged) == 0


def test_a_carrier_has_no_name_and_takes_part_in_nothing() -> None:
    engaged = Engagements()
    engaged.enter("", "first")
    assert len(engaged) == 0
