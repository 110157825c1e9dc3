"""Forwards of a contract's IDs: what is taken, and what is refused with what would be right."""

from typing import Any

import pytest

from provisioning.breach import pointed
from provisioning.contract import Contract
from provisioning.document import ContractError, Terms, read, tree_of
from provisioning.snapshot import customer_of
from routing.handling import PLAIN, CallHandling, Condition
from tests.support.contract import HASHES

TERMS = Terms("daihyo", ("MD5",))
Table = dict[str, Any]


def identity(position: int, **changes: Any) -> Table:  # noqa: ANN401 - any key, right or wrong
    table = {
        "username": f"u{position}",
        "ha1": HASHES,
        "extension": str(100 + position),
        "number": f"0501234000{position}",
    }
    return table | changes


def take(*changes: Table) -> Contract:
    ids = [identity(position, **each) for position, each in enumerate(changes, 1)]
    [contract] = read({"version": 1, "contract": [{"name": "shop", "id": ids}]}, TERMS)
    return contract


def faults(*changes: Table) -> list[tuple[str, str]]:
    """Return the place of each fault, and what is wrong."""
    with pytest.raises(ContractError) as caught:
        take(*changes)
    return [
        (pointed(each.path).removeprefix("contract[0]."), each.wrong)
        for each in caught.value.breaches
    ]


def test_what_an_id_sets_is_what_calls_find() -> None:
    contract = take(
        {
            "forward": {
                "always": "102",
                "busy": "03-1234-5678",
                "no_answer": "voicemail",
                "unreachable": "0120123456",
                "after": 15,
            },
            "voicemail": {},
            "do_not_disturb": True,
            "call_waiting": False,
            "rejected": ["0398765432"],
            "reject_anonymous": True,
        },
        {},
    )
    first, second = customer_of(contract).devices
    assert first.handling == CallHandling(
        {
            Condition.ALWAYS: "102",
            Condition.BUSY: "+81312345678",
            Condition.NO_ANSWER: "voicemail",
            Condition.UNREACHABLE: "0120123456",
        },
        15.0,
        do_not_disturb=True,
        call_waiting=False,
        rejected=frozenset({"+81398765432"}),
        rejects_anonymous=True,
    )
    assert second.handling is PLAIN
    assert read(tree_of([contract]), TERMS) == (contract,)


@pytest.mark.parametrize("target", ["110", "119", "184118", "1-1-0"])
def test_no_forward_leads_to_an_emergency_number(target: str) -> None:
    [(place, wrong)] = faults({"forward": {"busy": target}})
    assert (place, wrong) == ("id[0].forward.busy", f"{target!r} is wrong")


@pytest.mark.parametrize("target", ["*72", "0", "hello", "1840312345678", ""])
def test_what_cannot_be_called_is_no_target(target: str) -> None:
    places = [place for place, _ in faults({"forward": {"always": target}})]
    assert "id[0].forward.always" in places


@pytest.mark.parametrize("seconds", [0, 0.5, 181])
def test_a_call_is_unanswered_after_1_to_180_seconds(seconds: float) -> None:
    [(place, _)] = faults({"forward": {"after": seconds}})
    assert place == "id[0].forward.after"


@pytest.mark.parametrize("condition", Condition)
@pytest.mark.parametrize("target", ["101", "05012340001"])
def test_an_id_does_not_forward_to_itself(condition: Condition, target: str) -> None:
    [(place, wrong)] = faults({"forward": {condition.value: target}})
    assert place == f"id[0].forward.{condition.value}"
    assert wrong.endswith("is the ID itself")


def test_a_forward_to_voicemail_needs_voicemail() -> None:
    [(_, wrong)] = faults({"forward": {"busy": "voicemail"}})
    assert wrong == "the direct number has no voicemail"


def test_a_forward_to_an_extension_needs_one() -> None:
    [(_, wrong)] = faults({"forward": {"busy": "199999"}})
    assert wrong == "199999 is no extension of this contract"
    assert take({"forward": {"busy": "117"}}).ids[0].forward.busy == "117"


def test_ids_that_forward_every_call_in_a_circle_are_refused_once() -> None:
    [(place, wrong)] = faults(
        {"forward": {"always": "102"}},
        {"forward": {"always": "05012340003"}},
        {"forward": {"always": "102"}},
    )
    assert place == "id[1].forward.always"
    assert wrong == "every call goes round: u2 to u3 to u2"


def test_a_chain_and_forwards_of_other_conditions_are_no_circle() -> None:
    contract = take(
        {"forward": {"always": "102", "busy": "103"}},
        {"forward": {"always": "103"}},
        {"forward": {"busy": "101", "no_answer": "102"}},
    )
    assert contract.ids[0].forward.always == "102"
