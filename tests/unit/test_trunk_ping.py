"""The ping machine: every state with every input, and its hysteresis."""

from collections.abc import Callable
from random import Random

import pytest

from switch.sip.token import SeededTokens
from switch.trunk.effect import Arm, Became, Disarm, StartPing, TrunkEffect, TrunkTimer
from switch.trunk.ping import PATIENCE, PingMachine, State

INPUTS: dict[str, Callable[[PingMachine], list[TrunkEffect]]] = {
    "start": lambda machine: machine.start(),
    "answered": lambda machine: machine.answer(200),
    "excused": lambda machine: machine.answer(503),
    "failed": lambda machine: machine.fail("transport"),
    "due": lambda machine: machine.expire(),
    "stop": lambda machine: machine.stop(),
}
PATHS = {
    State.IDLE: (),
    State.ASKING: ("start",),
    State.RESTING: ("start", "answered"),
    State.ENDED: ("stop",),
}
MOVES = {
    (State.ASKING, "answered"): State.RESTING,
    (State.ASKING, "excused"): State.RESTING,
    (State.ASKING, "failed"): State.RESTING,
    (State.ASKING, "due"): State.RESTING,
    (State.RESTING, "due"): State.ASKING,
}


def machine_in(state: State) -> PingMachine:
    machine = PingMachine(30.0, SeededTokens(Random(1)))  # noqa: S311 - the same run every time
    for name in PATHS[state]:
        INPUTS[name](machine)
    assert machine.state is state
    return machine


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", [name for name in INPUTS if name != "start"])
def test_each_state_takes_each_input_as_the_table_says(state: State, name: str) -> None:
    machine = machine_in(state)
    INPUTS[name](machine)
    expected = State.ENDED if name == "stop" else MOVES.get((state, name), state)
    assert machine.state is expected


def test_an_options_waits_for_its_answer_and_then_rests() -> None:
    machine = machine_in(State.IDLE)
    assert machine.start() == [StartPing(), Arm(TrunkTimer.PING, PATIENCE)]
    (rest,) = machine.answer(200)
    assert isinstance(rest, Arm)
    assert 27.0 <= rest.delay <= 33.0


def results(machine: PingMachine, statuses: list[int]) -> list[Became]:
    """Feed one final status a ping (0 for none), and return what became of it."""
    told: list[TrunkEffect] = []
    for status in statuses:
        if machine.state is State.RESTING:
            machine.expire()
        told += machine.answer(status) if status else machine.expire()
    return [effect for effect in told if isinstance(effect, Became)]


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([200, 404, 501, 405], []),
        ([0, 200, 0, 200], []),
        ([0, 0], [Became(usable=False, reason="no answer")]),
        ([408, 503], [Became(usable=False, reason="status 503")]),
        ([0, 0, 0, 200, 0, 200], [Became(usable=False, reason="no answer")]),
        ([0, 0, 200, 200], [Became(usable=False, reason="no answer"),
                            Became(usable=True, reason="status 200")]),
    ],
)  # fmt: skip
def test_one_result_is_an_accident_and_two_in_a_row_are_not(
    statuses: list[int], told: list[Became]
) -> None:
    assert results(machine_in(State.ASKING), statuses) == told


def test_a_stopped_ping_disarms_its_timer() -> None:
    machine = machine_in(State.ASKING)
    assert machine.stop() == [Disarm(TrunkTimer.PING)]
    assert repr(machine) == "<PingMachine ENDED up>"


def test_the_state_is_shown() -> None:
    machine = machine_in(State.ASKING)
    results(machine, [0, 0])
    assert repr(machine) == "<PingMachine RESTING down>"
