"""The dialogs that one INVITE of ours creates."""

from switch.sip.dialog.dialog import State
from switch.sip.dialog.dialog_set import MAX_EARLY_DIALOGS, DialogSet
from tests.support.exchange import request, response

INVITE = request()


def test_each_tag_makes_a_dialog_and_the_same_tag_finds_it_again() -> None:
    dialogs = DialogSet()
    first = dialogs.provisional(INVITE, response(180, tag="x"))
    assert dialogs.provisional(INVITE, response(183, tag="x")) is first
    assert dialogs.provisional(INVITE, response(180, tag="y")) is not first
    assert dialogs.find("x") is first
    assert len(dialogs) == 2


def test_a_provisional_without_a_tag_makes_none() -> None:
    assert DialogSet().provisional(INVITE, response(180, tag=None)) is None


def test_the_first_2xx_makes_the_dialog_that_stays() -> None:
    dialogs = DialogSet()
    early = dialogs.provisional(INVITE, response(180, tag="x"))
    other = dialogs.confirm(INVITE, response(200, tag="y"))
    surplus = dialogs.confirm(INVITE, response(200, tag="x"))
    assert (surplus, dialogs.confirmed) == (early, other)
    assert other.state is State.CONFIRMED


def test_a_fork_without_end_is_followed_so_far_and_no_further() -> None:
    dialogs = DialogSet()
    for number in range(MAX_EARLY_DIALOGS):
        dialogs.provisional(INVITE, response(180, tag=f"t{number}"))
    assert dialogs.provisional(INVITE, response(180, tag="more")) is None
    assert dialogs.confirm(INVITE, response(200, tag="more")).remote_tag == "more"
    assert len(dialogs) == MAX_EARLY_DIALOGS
