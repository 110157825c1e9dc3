"""What a caller hears of a failure on the other side."""

import pytest

from switch.b2bua.event import Cause, Fail
from switch.b2bua.failure import told_to_caller


@pytest.mark.parametrize(
    ("status", "cause", "told"),
    [
        (486, Cause.BUSY, 486),
        (302, Cause.FAILED, 480),
        (401, Cause.FAILED, 500),
        (407, Cause.FAILED, 500),
        (408, Cause.UNREACHABLE, 480),
        (503, Cause.FAILED, 500),
        (503, Cause.NO_MEDIA_PORTS, 503),
        (503, Cause.OVERLOAD, 503),
        (603, Cause.DECLINED, 603),
    ],
)
def test_the_caller_is_told_what_a_failure_means_for_it(
    status: int, cause: Cause, told: int
) -> None:
    failure = told_to_caller(Fail(status, "Reason", cause, "30"))
    assert (failure.status, failure.cause) == (told, cause)
    assert failure.retry_after == ("30" if told == status else None)


def test_fields_of_our_own_refusal_reach_the_caller() -> None:
    warning = ("Warning", '399 h "why"')
    failure = told_to_caller(Fail(503, "Reason", Cause.FAILED, fields=(warning,)))
    assert (failure.status, failure.fields) == (500, (warning,))
