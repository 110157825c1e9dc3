"""What a customer or an operator may change of a contract."""

import pytest

from provisioning.change import IdSettings, decided, with_id_settings
from provisioning.contract import Contract, NumberState
from provisioning.document import ContractError, Terms, Tree, read
from routing.handling import Condition, HandlingChange
from tests.support.contract import HASHES

FIRST, FOURTH = "+81312340001", "+81312340004"


@pytest.fixture
def contract() -> Contract:
    ids = [
        {"username": f"u{n}", "ha1": HASHES, "extension": f"10{n}", "number": f"0501234000{n}"}
        for n in range(1, 5)
    ]
    numbers = [
        {"number": f"031234000{n}", "use": "shop", "assigned": [{"id": "u1"}]} for n in range(1, 5)
    ]
    tree: Tree = {
        "version": 1,
        "contract": [{"name": "shop", "id": ids, "representative": numbers}],
    }
    [found] = read(tree, Terms("daihyo", ("MD5",)))
    return found


@pytest.mark.parametrize("state", [NumberState.GRANTED, NumberState.REFUSED])
def test_a_fourth_number_is_granted_or_refused(contract: Contract, state: NumberState) -> None:
    assert contract.representatives[3].state is NumberState.PENDING
    assert decided(contract, FOURTH, state).representatives[3].state is state


def test_a_refused_number_may_still_be_granted(contract: Contract) -> None:
    refused = decided(contract, FOURTH, NumberState.REFUSED)
    granted = decided(refused, FOURTH, NumberState.GRANTED)
    assert granted.representatives[3].state is NumberState.GRANTED


@pytest.mark.parametrize(
    ("number", "state", "reason"),
    [
        (FIRST, NumberState.GRANTED, "is granted already.*R13"),
        (FIRST, NumberState.REFUSED, "one of the three that need no decision.*R13"),
        ("+815012340001", NumberState.GRANTED, "is no representative number of shop.*R3"),
    ],
)
def test_other_numbers_need_no_decision(
    contract: Contract, number: str, state: NumberState, reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        decided(contract, number, state)


def test_an_id_presents_a_number_and_then_its_own_again(contract: Contract) -> None:
    changed = with_id_settings(contract, "u1", IdSettings(caller_id=FIRST))
    assert changed.ids[0].caller_id == FIRST
    again = with_id_settings(changed, "u1", IdSettings(presents_own=True))
    assert again == contract


def test_a_device_stops_ringing_for_one_number_only(contract: Contract) -> None:
    changed = with_id_settings(contract, "u1", IdSettings(rings={FIRST: False}))
    rings = [each.assigned[0].rings for each in changed.representatives]
    assert rings == [False, True, True, True]


def test_a_display_name_is_set(contract: Contract) -> None:
    changed = with_id_settings(contract, "u2", IdSettings(display_name="Sato"))
    assert [each.display_name for each in changed.ids] == ["", "Sato", "", ""]


def test_an_ids_handling_is_set_piece_by_piece(contract: Contract) -> None:
    def changed(before: Contract, **change: object) -> Contract:
        wanted = IdSettings(handling=HandlingChange(**change))  # type: ignore[arg-type]
        return with_id_settings(before, "u1", wanted)

    busy, always = Condition.BUSY, Condition.ALWAYS
    first = changed(contract, forwards={busy: "102", always: "103"}, no_answer_delay=9.0)
    second = changed(first, forwards={always: None}, do_not_disturb=True, call_waiting=False)
    third = changed(second, rejected={FIRST: True, FOURTH: True}, rejects_anonymous=True)
    last = changed(third, rejected={FIRST: False, FOURTH: True})
    found = last.ids[0]
    assert (found.forward.busy, found.forward.always, found.forward.after) == ("102", None, 9.0)
    assert (found.do_not_disturb, found.call_waiting, found.reject_anonymous) == (True, False, True)
    assert found.rejected == [FOURTH]


@pytest.mark.parametrize(
    ("username", "rings", "reason"),
    [
        ("u2", {FIRST: True}, "is not assigned to u2.*R16"),
        ("u2", {"+815012340002": False}, "no representative number"),
        ("stranger", {}, "is no ID of shop"),
    ],
)
def test_what_is_not_there_cannot_be_set(
    contract: Contract, username: str, rings: dict[str, bool], reason: str
) -> None:
    with pytest.raises(ContractError, match=reason):
        with_id_settings(contract, username, IdSettings(rings=rings))
