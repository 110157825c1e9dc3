"""The registration machine: every state with every input, and the delays between tries."""

from collections.abc import Callable
from random import Random

import pytest

from switch.sip.token import SeededTokens
from switch.trunk.effect import Arm, Became, Disarm, Failed, StartRegister, TrunkEffect, TrunkTimer
from switch.trunk.registration import LAST_RETRY, MAX_CHALLENGES, RegistrationMachine, State

Input = Callable[[RegistrationMachine], list[TrunkEffect]]

INPUTS: dict[str, Input] = {
    "start": lambda machine: machine.start(),
    "granted": lambda machine: machine.succeed(600),
    "granted nothing": lambda machine: machine.succeed(0),
    "challenged": lambda machine: machine.challenge(answerable=True),
    "refused": lambda machine: machine.challenge(answerable=False),
    "too brief": lambda machine: machine.ask_longer(900),
    "failed": lambda machine: machine.fail("timeout"),
    "due": lambda machine: machine.expire(TrunkTimer.REGISTER),
    "lapsed": lambda machine: machine.expire(TrunkTimer.LAPSE),
    "stop": lambda machine: machine.stop(),
}

PATHS: dict[State, list[str]] = {
    State.IDLE: [],
    State.REGISTERING: ["start"],
    State.WAITING: ["start", "granted"],
    State.UNREGISTERING: ["start", "granted", "stop"],
    State.ENDED: ["stop"],
}

MOVES: dict[tuple[State, str], State] = {
    (State.IDLE, "start"): State.REGISTERING,
    (State.IDLE, "stop"): State.ENDED,
    (State.REGISTERING, "granted"): State.WAITING,
    (State.REGISTERING, "granted nothing"): State.WAITING,
    (State.REGISTERING, "refused"): State.WAITING,
    (State.REGISTERING, "failed"): State.WAITING,
    (State.REGISTERING, "stop"): State.UNREGISTERING,
    (State.WAITING, "start"): State.REGISTERING,
    (State.WAITING, "due"): State.REGISTERING,
    (State.WAITING, "stop"): State.UNREGISTERING,
    (State.UNREGISTERING, "granted"): State.ENDED,
    (State.UNREGISTERING, "granted nothing"): State.ENDED,
    (State.UNREGISTERING, "refused"): State.ENDED,
    (State.UNREGISTERING, "too brief"): State.ENDED,
    (State.UNREGISTERING, "failed"): State.ENDED,
}


def machine_in(state: State) -> RegistrationMachine:
    machine = RegistrationMachine(600, SeededTokens(Random(1)))  # noqa: S311 - the same run every time
    for name in PATHS[state]:
        INPUTS[name](machine)
    assert machine.state is state
    return machine


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", [name for name in INPUTS if name != "start"])
def test_each_state_takes_each_input_as_the_table_says(state: State, name: str) -> None:
    machine = machine_in(state)
    INPUTS[name](machine)
    assert machine.state is MOVES.get((state, name), state)


def test_a_registration_is_refreshed_after_half_of_what_was_granted() -> None:
    machine = machine_in(State.REGISTERING)
    refresh, lapse, became = machine.succeed(600)
    assert isinstance(refresh, Arm)
    assert 300 <= refresh.delay <= 360
    assert lapse == Arm(TrunkTimer.LAPSE, 600.0)
    assert became == Became(usable=True, reason="registered")
    assert machine.expire(TrunkTimer.REGISTER) == [StartRegister(600)]
    assert [type(effect) for effect in machine.succeed(600)] == [Arm, Arm]


def test_a_failed_refresh_keeps_the_registration_until_it_lapses() -> None:
    machine = machine_in(State.WAITING)
    machine.expire(TrunkTimer.REGISTER)
    machine.fail("timeout")
    assert machine.is_registered
    assert machine.expire(TrunkTimer.LAPSE) == [Became(usable=False, reason="lapsed")]
    assert machine.expire(TrunkTimer.LAPSE) == []


def test_tries_follow_later_each_time_up_to_a_bound() -> None:
    machine = machine_in(State.REGISTERING)
    delays = []
    for _ in range(40):
        arm, failed = machine.fail("timeout")
        assert isinstance(arm, Arm)
        assert failed == Failed("timeout", arm.delay)
        delays.append(arm.delay)
        machine.expire(TrunkTimer.REGISTER)
    for turn, delay in enumerate(delays):
        longest = min(LAST_RETRY, 2.0 * 2**turn)
        assert longest / 2 <= delay <= longest


def test_a_success_forgets_the_failures() -> None:
    machine = machine_in(State.REGISTERING)
    for _ in range(5):
        machine.fail("timeout")
        machine.expire(TrunkTimer.REGISTER)
    machine.succeed(600)
    machine.expire(TrunkTimer.REGISTER)
    arm = machine.fail("timeout")[0]
    assert isinstance(arm, Arm)
    assert arm.delay <= 2.0


@pytest.mark.parametrize(("asked", "least"), [(120.0, 120.0), (1e9, 3600.0)])
def test_a_retry_after_is_obeyed_up_to_a_bound(asked: float, least: float) -> None:
    assert machine_in(State.REGISTERING).fail("503", asked)[0] == Arm(TrunkTimer.REGISTER, least)


def test_a_refused_secret_is_not_tried_again_soon() -> None:
    arm = machine_in(State.REGISTERING).challenge(answerable=False)[0]
    assert arm == Arm(TrunkTimer.REGISTER, LAST_RETRY)


def test_challenges_without_end_are_not_followed() -> None:
    machine = machine_in(State.REGISTERING)
    for _ in range(MAX_CHALLENGES):
        assert machine.challenge(answerable=True) == [StartRegister(600)]
    assert isinstance(machine.challenge(answerable=True)[0], Arm)


@pytest.mark.parametrize(("least", "asked"), [(900, 900), (300, None), (100_000, None)])
def test_a_longer_expiry_is_asked_when_the_registrar_wants_it(
    least: int, asked: int | None
) -> None:
    effects = machine_in(State.REGISTERING).ask_longer(least)
    assert (effects == [StartRegister(least)]) is (asked is not None)


def test_stopping_takes_the_registration_back_once() -> None:
    machine = machine_in(State.WAITING)
    quiet = [Disarm(TrunkTimer.REGISTER), Disarm(TrunkTimer.LAPSE)]
    assert machine.stop() == [*quiet, StartRegister(0)]
    assert machine.stop() == []
    assert machine.challenge(answerable=True) == [StartRegister(0)]
    assert machine.succeed(0) == [Became(usable=False, reason="unregistered")]
    assert machine.is_ended
    assert repr(machine) == "<RegistrationMachine ENDED not registered failures 0>"


def test_without_a_registration_there_is_nothing_to_take_back() -> None:
    machine = machine_in(State.IDLE)
    assert StartRegister(0) not in machine.stop()
    assert machine.is_ended
    assert "registered" in repr(machine_in(State.WAITING))
