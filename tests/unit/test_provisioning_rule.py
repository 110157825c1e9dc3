"""Contracts against the service's rules: what is taken, and which rule a fault names."""

from typing import Any

import pytest

from provisioning.breach import pointed
from provisioning.contract import Contract, NumberState
from provisioning.document import ContractError, Terms, read
from provisioning.rule import Holdings
from routing.device import DeviceKind

TERMS = Terms("daihyo", ("SHA-256", "MD5"))

Table = dict[str, Any]


def identity(position: int, **changes: Any) -> Table:  # noqa: ANN401 - any key, right or wrong
    table = {
        "username": f"u{position}",
        "password": "secret",
        "extension": 100 + position,
        "number": f"050123400{position:02}",
    }
    return table | changes


def number(position: int, **changes: Any) -> Table:  # noqa: ANN401 - as above
    return {"number": f"03123400{position:02}", **changes}


def contract(ids: int = 1, numbers: int = 0, **changes: Any) -> Table:  # noqa: ANN401 - as above
    return {
        "name": "shop",
        "id": [identity(position) for position in range(1, ids + 1)],
        "representative": [number(position) for position in range(1, numbers + 1)],
        **changes,
    }


def take(*contracts: Table, held: Holdings | None = None) -> tuple[Contract, ...]:
    tree = {"version": 1, "contract": list(contracts)}
    return read(tree, TERMS, held or Holdings())


def faults(*contracts: Table, held: Holdings | None = None) -> list[tuple[str, tuple[str, ...]]]:
    """Return the place and the rules of each fault."""
    with pytest.raises(ContractError) as caught:
        take(*contracts, held=held)
    return [(pointed(each.path), each.rules) for each in caught.value.breaches]


def test_the_seeds_example_of_three_ids_and_three_numbers_is_granted() -> None:
    [taken] = take(contract(3, 3))
    assert [each.state for each in taken.representatives] == [NumberState.GRANTED] * 3
    assert taken.numbers()[0] == "+815012340001"


def test_a_basic_id_alone_has_no_representative_number() -> None:
    assert faults(contract(1, 1)) == [("contract[0].representative[0]", ("R17",))]


def test_there_are_no_more_representative_numbers_than_ids() -> None:
    assert faults(contract(2, 3)) == [("contract[0].representative[2]", ("R12",))]


def test_a_refused_number_is_no_longer_asked_for() -> None:
    numbers = [number(1, state="refused"), number(2), number(3)]
    [taken] = take(contract(2, representative=numbers))
    assert taken.representatives[0].state is NumberState.REFUSED


def test_a_fourth_number_declares_its_use_and_waits_for_a_decision() -> None:
    assert faults(contract(4, 4)) == [("contract[0].representative[3]", ("R13",))]
    table = contract(4, 4)
    table["representative"][3]["use"] = "a second shop"
    [taken] = take(table)
    assert [each.state for each in taken.representatives] == [
        *[NumberState.GRANTED] * 3,
        NumberState.PENDING,
    ]


def test_an_operators_grant_of_a_fourth_number_is_kept() -> None:
    table = contract(4, 4)
    table["representative"][3] |= {"use": "a second shop", "state": "granted"}
    assert take(table)[0].representatives[3].state is NumberState.GRANTED


def test_every_id_has_a_direct_number_and_a_contract_its_basic_id() -> None:
    lacking = {key: value for key, value in identity(1).items() if key != "number"}
    assert faults(contract(id=[lacking])) == [("contract[0].id[0].number", ("R2",))]
    assert faults(contract(0)) == [("contract[0].id", ("R5",))]
    assert faults({"name": "shop"}) == [("contract[0].id", ("R5",))]


def test_an_id_has_one_device() -> None:
    devices = [{"kind": "fixed"}, {"kind": "app"}]
    found = faults(contract(id=[identity(1, device=devices)]))
    assert found == [("contract[0].id[0].device", ("R3", "R4"))]


def test_a_device_that_is_not_told_counts_as_a_fixed_phone() -> None:
    assert take(contract())[0].ids[0].kind is DeviceKind.FIXED
    app = identity(1, device={"kind": "app", "maker": "other", "mac": "00-0B-82-AA-BB-CC"})
    [taken] = take(contract(id=[app]))
    assert taken.ids[0].kind is DeviceKind.APP
    assert taken.ids[0].device is not None
    assert taken.ids[0].device.mac == "00:0b:82:aa:bb:cc"


@pytest.mark.parametrize("extension", ["110", "118", 119])
def test_an_emergency_number_is_no_extension(extension: object) -> None:
    [(place, _)] = faults(contract(id=[identity(1, extension=extension)]))
    assert place == "contract[0].id[0].extension"


def test_what_is_unique_is_unique_within_the_file_and_beside_it() -> None:
    one = contract(2, id=[identity(1), identity(2, extension=101, username="u1")])
    other = contract(2, name="other", id=[identity(1, username="x")], representative=[])
    assert {place for place, _ in faults(one, other)} == {
        "contract[0].id[1].username",
        "contract[0].id[1].extension",
        "contract[1].id[0].number",
    }
    held = Holdings({"+815012340001": "far"}, {"u1": "far"})
    assert {place for place, _ in faults(contract(), held=held)} == {
        "contract[0].id[0].username",
        "contract[0].id[0].number",
    }


def test_a_representative_number_is_nobodys_direct_number() -> None:
    table = contract(2, representative=[{"number": "050-1234-0001"}])
    assert [place for place, _ in faults(table)] == ["contract[0].representative[0].number"]


def test_an_id_presents_what_is_granted_and_assigned_to_it() -> None:
    shared = number(1, assigned=[{"id": "u1"}])
    presenting = [identity(1, caller_id="0312340001"), identity(2)]
    [taken] = take(contract(id=presenting, representative=[shared]))
    assert taken.ids[0].caller_id == "+81312340001"
    place = "contract[0].id[0].caller_id"
    assert faults(contract(id=presenting, representative=[number(1)])) == [(place, ("R16",))]
    assert faults(contract(id=presenting)) == [(place, ("R25",))]
    pending = {**shared, "state": "pending"}
    assert faults(contract(id=presenting, representative=[pending])) == [(place, ("R13",))]


def test_presenting_the_direct_number_is_the_default() -> None:
    [taken] = take(contract(id=[identity(1, caller_id="05012340001")]))
    assert taken.ids[0].caller_id is None


def test_a_number_is_assigned_to_ids_of_its_contract_once_each() -> None:
    assigned = [{"id": "u1"}, {"id": "u1"}, {"id": "stranger"}]
    table = contract(2, representative=[number(1, assigned=assigned)])
    assert [place for place, _ in faults(table)] == [
        "contract[0].representative[0].assigned[1].id",
        "contract[0].representative[0].assigned[2].id",
    ]


@pytest.mark.parametrize("device", [None, {"kind": "fixed"}, {"kind": "ata"}, {}])
def test_the_flat_plan_is_for_apps_only(device: Table | None) -> None:
    table = contract(id=[identity(1, flat_plan=True, device=device)])
    assert faults(table) == [("contract[0].id[0].flat_plan", ("R63",))]


def test_an_app_may_have_the_flat_plan() -> None:
    [taken] = take(contract(id=[identity(1, flat_plan=True, device={"kind": "app"})]))
    assert taken.ids[0].flat_plan


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        ({"voicemail": {"delay": 0}}, "R57"),
        ({"voicemail": {"delay": 181}}, "R57"),
        ({"voicemail": {"greeting": "hello.wav"}}, "R58"),
        ({"fax": {"mail": ["a@example.jp"], "send": True}}, "R52"),
    ],
)
def test_an_option_that_the_service_does_not_have_names_its_rule(option: Table, rule: str) -> None:
    [(place, rules)] = faults(contract(id=[identity(1, **option)]))
    assert place.startswith("contract[0].id[0].")
    assert rules == (rule,)


@pytest.mark.parametrize("delay", [1, 30, 180])
def test_voicemail_answers_after_1_to_180_seconds(delay: int) -> None:
    [taken] = take(contract(id=[identity(1, voicemail={"delay": delay})]))
    assert taken.ids[0].voicemail is not None
    assert taken.ids[0].voicemail.delay == delay


def test_a_fault_in_one_place_hides_none_in_another() -> None:
    table = contract(1, 1, nonsense=1)
    table["id"][0] |= {"extension": "x", "flat_plan": True}
    assert set(faults(table)) == {
        ("contract[0].nonsense", ()),
        ("contract[0].id[0].extension", ()),
        ("contract[0].id[0].flat_plan", ("R63",)),
        ("contract[0].representative[0]", ("R17",)),
    }


def test_an_id_has_a_password_or_hashes_of_each_algorithm() -> None:
    md5, sha = "A" * 32, "b" * 64
    whole = identity(1, ha1={"MD5": md5, "SHA-256": sha})
    del whole["password"]
    assert take(contract(id=[whole]))[0].ids[0].ha1 == {"MD5": "a" * 32, "SHA-256": sha}
    place = "contract[0].id[0]"
    both = identity(1, ha1={"MD5": md5, "SHA-256": sha})
    assert faults(contract(id=[both])) == [(place, ())]
    half = {**whole, "ha1": {"MD5": "x"}}
    assert faults(contract(id=[half])) == [(f"{place}.ha1", ()), (f"{place}.ha1.MD5", ())]
