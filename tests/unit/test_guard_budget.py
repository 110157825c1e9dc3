"""Budgets of calls out, in virtual time."""

from dataclasses import replace

import pytest

from routing.budget import Allowance, Budget, Reach
from routing.customer import Customer
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.number import Number, NumberKind
from switch.effect import CoreEffect, DeleteBlock, Level, Log, WriteBlock
from switch.guard.account import DAY, HOUR
from switch.guard.budget import Budgets
from switch.guard.fraud import FraudSettings, PastCall

ABROAD = Number.parse("+12025550100")
HOME = Number.parse("0398765432")
RATES = {NumberKind.INTERNATIONAL: 60.0, NumberKind.FIXED: 3.0}
NOON = 1_800_000_000.0

DESK = Device("desk", "c1", "201", "+81312340001", "Desk", DeviceKind.FIXED, {})
LOBBY = Device("lobby", "c1", "202", "+81312340002", "Lobby", DeviceKind.FIXED, {})
CUSTOMER = Customer("c1", (DESK, LOBBY))


def budgets(
    device: Allowance | None = None,
    contract: Allowance | None = None,
    customer: Customer = CUSTOMER,
    kept: tuple[WriteBlock, ...] = (),
    **more: float | bool,
) -> Budgets:
    settings = FraudSettings(rates=RATES)
    settings = replace(
        settings,
        device=device or settings.device,
        contract=contract or settings.contract,
        **more,
    )
    return Budgets(settings, Directory.build((customer,)), kept)


def abroad(**limits: int) -> Allowance:
    return Allowance(abroad=Budget(**limits))


def refusals(guard: Budgets, at: float, device: Device = DESK) -> tuple[str | None, str | None]:
    """Return why it may not call abroad, and not inside the country."""
    ask = (device.contract, device.username)
    return (
        guard.refusal(*ask, abroad=True, at=at),
        guard.refusal(*ask, abroad=False, at=at),
    )


def events(effects: list[CoreEffect]) -> list[str]:
    return [effect.event for effect in effects if isinstance(effect, Log)]


def blocks(effects: list[CoreEffect]) -> list[WriteBlock]:
    return [effect for effect in effects if isinstance(effect, WriteBlock)]


def call(
    guard: Budgets,
    at: float,
    *,
    number: Number = HOME,
    seconds: float | None = 10.0,
    device: Device = DESK,
    name: str = "call",
) -> list[CoreEffect]:
    """Make a whole call, which the clock passes over; None: nobody answers."""
    effects = guard.begin(name, device, number, at).effects
    answered_at = None if seconds is None else at
    return effects + guard.end(name, answered_at, at + (seconds or 0.0)).effects


def test_a_spent_budget_abroad_stops_calls_abroad_only_and_tells_it_once() -> None:
    guard = budgets(abroad(yen_per_day=100))
    assert call(guard, NOON, number=ABROAD) == []
    assert refusals(guard, NOON) == (None, None)
    effects = call(guard, NOON + 60, number=ABROAD)
    (block,) = blocks(effects)
    assert (block.name, block.reach, block.cause, block.until) == (
        "desk",
        "abroad",
        "yen_per_day",
        None,
    )
    (line,) = (effect for effect in effects if isinstance(effect, Log))
    assert (line.event, line.level) == ("fraud_blocked", Level.ERROR)
    told = line.fields
    assert told["contract"] == "c1"
    assert told["device"] == "desk"
    assert (told["spent"], told["limit"], told["window"]) == (120.0, 100, DAY)
    assert refusals(guard, NOON + 120) == ("device desk: yen_per_day", None)
    assert refusals(guard, NOON + 120, LOBBY) == (None, None)
    assert refusals(guard, NOON + 30 * DAY)[0] == "device desk: yen_per_day"


def test_a_spent_domestic_budget_stops_every_call_until_its_window_has_passed() -> None:
    guard = budgets(Allowance(domestic=Budget(calls_per_hour=2)))
    call(guard, NOON)
    (block,) = blocks(call(guard, NOON + 1))
    assert block.reach == Reach.ALL
    assert refusals(guard, NOON + 60) == ("device desk: calls_per_hour",) * 2
    assert block.until is not None
    assert HOUR < block.until - NOON < 1.1 * HOUR
    assert refusals(guard, block.until) == (None, None)
    effects = call(guard, block.until)
    assert effects == [DeleteBlock("device", "desk", "all")]


def test_a_contract_has_a_budget_over_all_its_devices() -> None:
    guard = budgets(contract=abroad(calls_per_day=2))
    call(guard, NOON, number=ABROAD)
    (block,) = blocks(call(guard, NOON + 1, number=ABROAD, device=LOBBY))
    assert (block.holder, block.name) == ("contract", "c1")
    assert refusals(guard, NOON + 2) == ("contract c1: calls_per_day", None)
    assert refusals(guard, NOON + 2, LOBBY) == ("contract c1: calls_per_day", None)


def test_the_window_slides() -> None:
    guard = budgets(Allowance(domestic=Budget(calls_per_hour=2)))
    for hours in range(0, 24, 2):
        assert call(guard, NOON + hours * HOUR) == []
    assert refusals(guard, NOON + DAY) == (None, None)


def test_a_contract_and_an_id_may_have_their_own_budgets() -> None:
    desk = replace(DESK, budget=abroad(calls_per_day=1))
    customer = Customer("c1", (desk, LOBBY), budget=abroad(calls_per_day=2))
    guard = budgets(abroad(calls_per_day=9), abroad(calls_per_day=9), customer)
    assert blocks(call(guard, NOON, number=ABROAD, device=desk))[0].name == "desk"
    assert blocks(call(guard, NOON, number=ABROAD, device=LOBBY))[0].name == "c1"


def test_too_many_calls_at_once_are_refused_without_a_block() -> None:
    guard = budgets(abroad(calls_at_once=1))
    assert guard.begin("call", DESK, ABROAD, NOON).effects == []
    assert refusals(guard, NOON) == ("device desk: calls_at_once", None)
    guard.end("call", NOON, NOON + 1)
    assert refusals(guard, NOON + 1) == (None, None)


def test_a_call_that_nobody_answers_costs_nothing() -> None:
    guard = budgets(abroad(yen_per_day=100))
    for number in range(10):
        assert call(guard, NOON + number, number=ABROAD, seconds=None) == []
    (device, contract) = guard.usage(NOON + 10)
    assert (device.calls_per_day, device.yen_per_day) == (10, 0)
    assert (contract.holder.name, contract.contract, contract.yen_per_day) == ("c1", "c1", 0)


def test_a_rate_of_the_route_goes_before_that_of_the_kind() -> None:
    guard = budgets()
    guard.begin("call", DESK, ABROAD, NOON, rate=7.0)
    assert next(guard.usage(NOON)).yen_per_day == 7.0


def test_a_call_in_progress_pays_each_minute_as_it_begins_and_blocks_when_it_is_too_much() -> None:
    guard = budgets(abroad(yen_per_day=180))
    answered = {"call": NOON + 20}
    guard.begin("call", DESK, ABROAD, NOON)
    assert guard.next_deadline() == NOON + 60
    assert guard.expire(NOON + 60, answered.get) == ([], [])
    assert next(guard.usage(NOON + 60)).yen_per_day == 60
    assert guard.next_deadline() == NOON + 80
    assert guard.expire(NOON + 80, answered.get).effects == []
    due = guard.expire(NOON + 140, answered.get)
    assert events(due.effects) == ["fraud_blocked"]
    assert due.ended == []
    assert guard.expire(NOON + 200, answered.get) == ([], [])
    guard.end("call", NOON + 20, NOON + 210)
    assert next(guard.usage(NOON + 210)).yen_per_day == 240
    assert guard.next_deadline() is None


def test_a_ringing_call_pays_one_minute_whenever_it_is_answered() -> None:
    guard = budgets()
    guard.begin("call", DESK, ABROAD, NOON)
    for minute in range(1, 4):
        assert guard.next_deadline() == NOON + minute * 60
        guard.expire(NOON + minute * 60, lambda _: None)
    assert next(guard.usage(NOON + 180)).yen_per_day == 60


def test_a_call_that_runs_past_its_budget_pays_at_its_end_what_it_owes() -> None:
    guard = budgets(abroad(yen_per_day=240))
    guard.begin("call", DESK, ABROAD, NOON)
    assert events(guard.end("call", NOON, NOON + 185).effects) == ["fraud_blocked"]


def test_a_call_abroad_that_lasts_too_long_is_ended_with_a_line() -> None:
    guard = budgets(longest_abroad=90.0)
    guard.begin("call", DESK, ABROAD, NOON)
    guard.begin("home", LOBBY, HOME, NOON)
    answered = {"call": NOON, "home": NOON}
    guard.expire(NOON + 60, answered.get)
    assert guard.next_deadline() == NOON + 90
    due = guard.expire(NOON + 90, answered.get)
    assert due.ended == ["call"]
    assert events(due.effects) == ["call_too_long"]
    guard.end("call", NOON, NOON + 90)
    assert guard.expire(NOON + DAY, answered.get).ended == []


@pytest.mark.parametrize("ends_calls", [True, False])
def test_a_block_abroad_ends_the_calls_in_progress_when_it_is_told_to(*, ends_calls: bool) -> None:
    guard = budgets(abroad(yen_per_day=180), abroad(yen_per_day=180), ends_calls=ends_calls)
    assert guard.begin("one", DESK, ABROAD, NOON).ended == []
    assert guard.begin("two", DESK, ABROAD, NOON).ended == []
    due = guard.expire(NOON + 60, {"one": NOON, "two": NOON}.get)
    assert sorted(due.ended) == (["one", "two"] if ends_calls else [])


def test_a_frequent_caller_is_told_once_a_day() -> None:
    guard = budgets(noteworthy_calls=3)
    told = [events(call(guard, NOON + minute)) for minute in range(5)]
    assert told == [[], [], ["frequent_caller"], [], []]


def test_an_operators_block_holds_until_it_is_released() -> None:
    guard = budgets()
    effects = guard.block("desk", Reach.ALL, "asked for", NOON)
    (block,) = blocks(effects)
    assert (block.cause, block.note, block.until) == ("operator", "asked for", None)
    assert events(effects) == ["block_set"]
    assert refusals(guard, NOON) == ("device desk: operator",) * 2
    released = guard.release("desk")
    assert released[0] == DeleteBlock("device", "desk", "all")
    assert events(released) == ["block_released"]
    assert refusals(guard, NOON) == (None, None)


def test_a_contract_can_be_blocked_and_an_unknown_name_can_not() -> None:
    guard = budgets()
    guard.block("c1", Reach.ABROAD, "", NOON)
    assert refusals(guard, NOON, LOBBY) == ("contract c1: operator", None)
    with pytest.raises(LookupError, match="nobody"):
        guard.block("nobody", Reach.ALL, "", NOON)


def test_a_release_gives_fresh_budgets_to_the_released_alone() -> None:
    guard = budgets(abroad(calls_per_day=2), abroad(calls_per_day=9))
    call(guard, NOON, number=ABROAD)
    call(guard, NOON, number=ABROAD)
    guard.release("desk")
    assert call(guard, NOON + 1, number=ABROAD) == []
    counts = {each.holder.name: each.calls_per_day for each in guard.usage(NOON + 1)}
    assert counts == {"desk": 1, "c1": 3}


def test_releasing_whoever_is_not_blocked_changes_nothing() -> None:
    guard = budgets()
    call(guard, NOON)
    assert guard.release("desk") == []
    assert next(guard.usage(NOON)).calls_per_day == 1


def test_blocks_are_kept_over_a_restart() -> None:
    guard = budgets(abroad(calls_per_day=1))
    kept = blocks(call(guard, NOON, number=ABROAD))
    again = budgets(abroad(calls_per_day=1), kept=tuple(kept))
    assert refusals(again, NOON + DAY) == ("device desk: calls_per_day", None)


def test_calls_of_before_a_restart_are_counted_again() -> None:
    guard = budgets(abroad(yen_per_day=240))
    guard.recall(PastCall("desk", ABROAD, NOON - HOUR, 65.0))
    guard.recall(PastCall("desk", ABROAD, NOON - 60, None))
    guard.recall(PastCall("gone", ABROAD, NOON - 60, 65.0))
    (device, _) = guard.usage(NOON)
    assert (device.calls_per_day, device.calls_at_once, device.yen_per_day) == (2, 0, 120)


def test_a_call_that_is_unknown_ends_without_a_word() -> None:
    assert budgets().end("110", NOON, NOON) == ([], [])


def test_who_has_been_silent_for_a_day_is_forgotten() -> None:
    guard = budgets()
    call(guard, NOON)
    assert len(guard) == 2
    call(guard, NOON + 2 * DAY, number=ABROAD, device=LOBBY)
    assert {(each.holder.name, each.calls_per_day) for each in guard.usage(NOON + 2 * DAY)} == {
        ("lobby", 1),
        ("c1", 1),
    }
    assert len(guard) == 2


def test_the_usage_leaves_out_who_was_silent_and_names_the_gone_without_contract() -> None:
    guard = budgets()
    call(guard, NOON)
    guard.directory = Directory.build(())
    assert [(each.holder.name, each.contract) for each in guard.usage(NOON)] == [
        ("desk", ""),
        ("c1", "c1"),
    ]
    assert not any(each.is_abroad for each in guard.usage(NOON))
    assert list(guard.usage(NOON + 2 * DAY)) == []
