"""The desk for fraud: what operators are told of budgets, and may do about blocks."""

import pytest

from routing.budget import Allowance, Budget, Reach
from routing.customer import plain_customers
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.number import Number
from switch.clock import Clock
from switch.command import Command, ReleaseBlock, SetBlock
from switch.control import ControlError
from switch.effect import WriteBlock
from switch.fraud_desk import MAX_NOTE, FraudDesk
from switch.guard.budget import Budgets
from switch.guard.fraud import FraudSettings
from switch.view import Ask, BudgetView

DESK = Device("desk", "c1", "201", "+81312340001", "Desk", DeviceKind.FIXED, {})
ABROAD = Number.parse("+12025550100")
SETTINGS = FraudSettings(device=Allowance(abroad=Budget(calls_per_day=1)))


class Switch:
    """Budgets on the system's clock, and the commands that the desk gives."""

    def __init__(self) -> None:
        self.clock = Clock.system()
        self.budgets = Budgets(SETTINGS, Directory.build(plain_customers([DESK])))
        self.commands: list[Command] = []
        self.answers = FraudDesk(self.budgets, self.commands.append, self.clock).answers()

    def call(self) -> None:
        """Let the desk's phone spend its budget abroad."""
        self.budgets.begin("call", DESK, ABROAD, self.clock.unix())

    async def ask(self, command: str, user: str = "", reach: str = "", note: str = "") -> object:
        """Ask as the operator socket does."""
        return await self.answers[command](Ask(command, user=user, reach=reach, note=note))


async def test_blocks_are_listed_by_name_and_by_contract() -> None:
    switch = Switch()
    switch.call()
    for whose in ("", "desk", "c1"):
        (block,) = await blocks(switch, whose)
        assert (block.name, block.cause) == ("desk", "calls_per_day")
    assert await blocks(switch, "c2") == []


async def blocks(switch: Switch, whose: str) -> list[WriteBlock]:
    found = await switch.ask("blocks", whose)
    assert isinstance(found, list)
    return found


async def test_a_block_is_set_for_whoever_is_known() -> None:
    switch = Switch()
    assert await switch.ask("block_set", "desk", "all", "x" * 999) == "device desk"
    assert await switch.ask("block_set", "c1", "abroad") == "contract c1"
    assert switch.commands == [
        SetBlock("desk", "all", "x" * MAX_NOTE),
        SetBlock("c1", "abroad", ""),
    ]
    with pytest.raises(ControlError, match="no ID and no contract nobody"):
        await switch.ask("block_set", "nobody", "all")
    with pytest.raises(ControlError, match="unknown reach"):
        await switch.ask("block_set", "desk", "some")


async def test_whoever_is_blocked_is_released_and_nobody_else() -> None:
    switch = Switch()
    switch.call()
    released = await switch.ask("block_release", "desk")
    assert isinstance(released, list)
    assert switch.commands == [ReleaseBlock("desk")]
    with pytest.raises(ControlError, match="c1 is not blocked"):
        await switch.ask("block_release", "c1")


async def test_budgets_tell_what_was_called_and_whether_it_is_stopped() -> None:
    switch = Switch()
    switch.call()
    found = await switch.ask("budgets")
    assert isinstance(found, list)
    device, contract = found
    assert isinstance(device, BudgetView)
    assert (device.scope, device.calls_at_once, device.calls_per_day) == ("abroad", 1, 1)
    assert device.limits["calls_per_day"] == 1
    assert (device.is_blocked, contract.is_blocked) == (True, False)
    assert await switch.ask("budgets", "c2") == []


async def test_a_block_of_every_call_stops_those_inside_the_country_too() -> None:
    switch = Switch()
    now = switch.clock.unix()
    switch.budgets.begin("home", DESK, Number.parse("0398765432"), now)
    switch.budgets.block("desk", Reach.ALL, "", now)
    found = await switch.ask("budgets", "desk")
    assert isinstance(found, list)
    assert [view.is_blocked for view in found] == [True]
