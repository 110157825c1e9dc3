"""A trunk's health: pings, registration and calls weighed together."""

import pytest

from switch.trunk.health import FAILING_STATUSES, MAX_REST, REST, Health


def test_a_trunk_that_need_not_register_is_up_from_the_start() -> None:
    health = Health(registers=False)
    assert health.is_up(0.0)
    assert health.reason(0.0) == ""
    assert repr(health) == "<Health answering=True registered=True failures=0>"


def test_a_trunk_that_registers_is_up_once_it_has() -> None:
    health = Health(registers=True)
    assert not health.is_up(0.0)
    assert health.reason(0.0) == "not registered"
    health.is_registered = True
    assert health.is_up(0.0)


def test_a_trunk_that_does_not_answer_is_down() -> None:
    health = Health(registers=False)
    health.is_answering = False
    assert not health.is_up(0.0)
    assert health.reason(0.0) == "does not answer"


def test_an_overloaded_carrier_rests_at_once_and_as_long_as_it_says() -> None:
    health = Health(registers=False)
    assert health.fail(10.0, 503) == REST
    assert not health.is_up(10.0 + REST - 0.1)
    assert health.reason(10.0) == "rests after failed calls"
    assert health.is_up(10.0 + REST)
    assert health.fail(10.0, 503, 120.0) == 120.0
    assert health.fail(10.0, 503, 1e9) == MAX_REST


@pytest.mark.parametrize("status", [None, *sorted(FAILING_STATUSES - {503})])
def test_one_failed_call_may_be_the_numbers_fault_and_two_are_the_carriers(
    status: int | None,
) -> None:
    health = Health(registers=False)
    assert health.fail(0.0, status) == 0.0
    assert health.is_up(0.0)
    assert health.fail(0.0, status) == REST


@pytest.mark.parametrize("status", [486, 404, 480, 603, 487])
def test_a_refusal_for_the_called_partys_sake_speaks_for_the_carrier(status: int) -> None:
    health = Health(registers=False)
    health.fail(0.0, None)
    assert health.fail(0.0, status) == 0.0
    assert health.fail(0.0, None) == 0.0


def test_a_call_that_succeeds_ends_the_rest() -> None:
    health = Health(registers=False)
    health.fail(0.0, 503)
    health.succeed()
    assert health.is_up(0.0)
