"""Budgets and blocks on a whole switch (R65, R66): abroad stops first, emergencies never."""

from collections.abc import Sequence
from dataclasses import replace

from routing.budget import Allowance, Budget
from routing.customer import plain_customers
from routing.directory import Directory
from routing.number import NumberKind
from switch.b2bua.spending import TIMER
from switch.command import ReleaseBlock, SetBlock
from switch.effect import Level, WriteBlock
from switch.guard.account import DAY
from switch.guard.fraud import FraudSettings
from tests.support.outgoing_call import OutgoingCall
from tests.support.switch import PHONES, World, device, trunks

ABROAD = "01012025550100"
HOME = "0398765432"
MINUTE = 60.0

FRAUD = FraudSettings(
    device=Allowance(Budget(calls_per_hour=50), Budget(yen_per_day=300)),
    rates={NumberKind.INTERNATIONAL: 60.0},
)


def office(fraud: FraudSettings = FRAUD, blocks: Sequence[WriteBlock] = ()) -> World:
    """Make a world whose phones may call abroad, within their budgets."""
    devices = [replace(device(name), barred=frozenset[NumberKind]()) for name in PHONES]
    directory = Directory.build(plain_customers(devices), trunks())
    world = World(directory=directory, fraud=fraud, blocks=blocks)
    world.run(1)
    world.register("alice", "bob")
    return world


def talk(world: World, number: str, seconds: float = 30.0, *, name: str = "alice") -> int | None:
    """Call a number and talk; return the final status."""
    call = world.phones[name].call(number)
    world.run(5)
    if call.final == 200:
        world.run(seconds)
        call.hang_up()
        world.run(2)
    return call.final


def spend(world: World) -> None:
    """Spend alice's budget abroad."""
    assert [talk(world, ABROAD) for _ in range(5)] == [200] * 5


def refused(world: World) -> list[object]:
    return [log.fields["reason"] for log in world.switch.logged("call_refused")]


def test_a_spent_budget_refuses_the_next_call_abroad_and_no_other() -> None:
    world = office()
    spend(world)
    assert talk(world, ABROAD) == 403
    assert refused(world) == ["blocked"]
    assert talk(world, HOME) == 200
    assert talk(world, "110") == 200
    assert talk(world, "102") == 200
    assert talk(world, ABROAD, name="bob") == 200
    (alert,) = world.switch.logged("fraud_blocked")
    assert alert.level is Level.ERROR
    told = ("contract", "device", "budget", "spent", "limit", "window")
    assert [alert.fields[name] for name in told] == [
        "contract-1",
        "alice",
        "yen_per_day",
        300.0,
        300,
        DAY,
    ]
    world.expect_clean()


def test_an_operators_release_counts_for_the_next_call() -> None:
    world = office()
    spend(world)
    assert talk(world, ABROAD) == 403
    world.switch.command(ReleaseBlock("alice"))
    assert world.switch.blocks == {}
    assert talk(world, ABROAD) == 200
    world.expect_clean()


def test_a_block_outlives_the_day_and_a_restart() -> None:
    world = office()
    spend(world)
    world.run(2 * DAY)
    world.register("alice")
    assert talk(world, ABROAD) == 403
    again = office(blocks=tuple(world.switch.blocks.values()))
    assert talk(again, ABROAD) == 403
    assert talk(again, HOME) == 200
    assert again.switch.logged("fraud_blocked") == []
    again.expect_clean()


def test_what_was_spent_yesterday_does_not_count_today() -> None:
    world = office()
    for _ in range(3):
        assert [talk(world, ABROAD) for _ in range(4)] == [200] * 4
        world.run(1.1 * DAY)
        world.register("alice")
    assert world.switch.logged("fraud_blocked") == []


def test_a_spent_domestic_budget_leaves_emergencies_and_own_extensions() -> None:
    fraud = replace(FRAUD, device=Allowance(domestic=Budget(calls_per_hour=3)))
    world = office(fraud)
    assert [talk(world, HOME) for _ in range(4)] == [200, 200, 200, 403]
    assert talk(world, ABROAD) == 403
    assert talk(world, "119") == 200
    assert talk(world, "102") == 200
    world.run(1.1 * 3600)
    world.register("alice", "bob")
    assert talk(world, HOME) == 200
    assert world.switch.blocks == {}
    world.expect_clean()


def test_an_operators_block_of_a_contract_stops_all_its_calls_out() -> None:
    world = office()
    world.switch.command(SetBlock("contract-1", "all", "unpaid"))
    assert [talk(world, HOME, name=name) for name in ("alice", "bob")] == [403, 403]
    assert talk(world, "110") == 200
    world.switch.command(ReleaseBlock("contract-1"))
    assert talk(world, HOME, name="bob") == 200
    world.expect_clean()


def long_call(fraud: FraudSettings, seconds: float) -> tuple[World, OutgoingCall]:
    world = office(fraud)
    call = world.alice.call(ABROAD)
    world.run(seconds)
    return world, call


def test_a_call_in_progress_spends_the_budget_and_goes_on() -> None:
    world, call = long_call(FRAUD, 4.5 * MINUTE)
    assert talk(world, HOME, name="bob") == 200
    assert world.switch.events().count("fraud_blocked") == 1
    call.hang_up()
    world.run(2)
    assert talk(world, ABROAD) == 403
    world.expect_clean()


def test_a_call_abroad_that_lasts_too_long_is_ended() -> None:
    fraud = replace(FRAUD, longest_abroad=150.0)
    world, _ = long_call(fraud, 160.0)
    a, b = world.switch.cdrs
    assert (a.cause, b.cause, a.released_by) == ("blocked", "blocked", "switch")
    assert a.answered_at is not None
    assert 149.9 < a.ended_at - a.answered_at < 150.1
    (line,) = world.switch.logged("call_too_long")
    assert line.fields["device"] == "alice"
    world.expect_clean()


def test_a_block_abroad_ends_the_calls_abroad_when_it_is_told_to() -> None:
    world, _ = long_call(replace(FRAUD, ends_calls=True), 4.5 * MINUTE)
    assert world.switch.cdrs[0].cause == "blocked"
    world.expect_clean()


def test_calls_of_a_day_are_recalled_after_a_restart() -> None:
    world = office()
    assert [talk(world, ABROAD) for _ in range(4)] == [200] * 4
    again = office()
    again.switch.core.recall(cdr for cdr in world.switch.cdrs if cdr.leg == "a")
    assert talk(again, ABROAD) == 200
    assert talk(again, ABROAD) == 403
    again.expect_clean()


def test_only_devices_calls_to_trunks_are_counted() -> None:
    world = office()
    talk(world, "102")
    talk(world, "110")
    call = world.carrier_1.call_in("0312340001")
    world.run(5)
    call.hang_up()
    world.run(2)
    assert len(world.switch.core.budgets) == 0
    world.expect_clean()


def test_budgets_keep_a_timer_only_while_calls_are_out() -> None:
    world = office()
    stack, spending = world.switch.core.stack, world.switch.core.dispatcher._spending

    def is_armed() -> bool:
        return (spending, TIMER) in stack._deadlines._live

    call = world.alice.call(ABROAD)
    world.run(2.5 * MINUTE)
    assert is_armed()
    call.hang_up()
    world.run(2)
    assert not is_armed()
    world.expect_clean()
