"""Decisions as values: refusals, and what a ring and a call out say of themselves."""

from dataclasses import replace

import pytest

from routing.decision import SUSPENDED_CALLER, Caller, Out, RefusalCause, Ring, refuse
from routing.number import Number, NumberFormat
from tests.support.routed import APP, DESK, ONE

CALLER = Caller("+81312340001", "Desk", withheld=False)


@pytest.mark.parametrize("cause", RefusalCause)
def test_every_cause_has_its_refusal(cause: RefusalCause) -> None:
    refusal = refuse(cause)
    assert refusal.cause is cause
    assert 400 <= refusal.status < 700
    assert refusal.reason


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (RefusalCause.UNKNOWN_NUMBER, 404),
        (RefusalCause.NOT_IN_SERVICE, 404),
        (RefusalCause.INVALID_NUMBER, 484),
        (RefusalCause.FOREIGN_CALLER, 403),
        (RefusalCause.BARRED, 403),
        (RefusalCause.BLOCKED, 403),
        (RefusalCause.CHANNELS_FULL, 486),
        (RefusalCause.ANONYMOUS, 433),
        (RefusalCause.REJECTED, 603),
    ],
)
def test_a_refusal_has_the_status_of_its_cause(cause: RefusalCause, status: int) -> None:
    assert refuse(cause).status == status


@pytest.mark.parametrize(
    "cause",
    [
        RefusalCause.BARRED,
        RefusalCause.COUNTRY_BARRED,
        RefusalCause.BLOCKED,
        RefusalCause.FOREIGN_CALLER,
        RefusalCause.REJECTED,
        RefusalCause.NOT_IN_SERVICE,
        RefusalCause.SUSPENDED,
    ],
)
def test_nobody_learns_from_a_warning_what_to_try_next(cause: RefusalCause) -> None:
    assert refuse(cause).warning is None


def test_a_suspended_caller_is_forbidden_and_a_suspended_callee_unavailable() -> None:
    assert SUSPENDED_CALLER.status == 403
    assert refuse(RefusalCause.SUSPENDED).status == 480


def test_a_ring_names_the_devices_of_all_its_stages() -> None:
    assert Ring(((DESK,), (APP,)), 180.0, CALLER).devices == (DESK, APP)


def test_a_number_is_dialled_in_the_form_that_the_carrier_wants_for_called_ones() -> None:
    out = Out((ONE,), Number.parse("0398765432"), CALLER)
    assert out.dialled(ONE) == "+81398765432"
    assert out.dialled(replace(ONE, number_format=NumberFormat.NATIONAL)) == "0398765432"
    called = replace(ONE, called_format=NumberFormat.E164_BARE)
    assert out.dialled(called) == "81398765432"
