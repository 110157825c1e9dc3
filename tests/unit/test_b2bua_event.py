"""What a final failure status means for log and record."""

import pytest

from switch.b2bua.event import Cause, cause_of


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (403, Cause.FORBIDDEN),
        (404, Cause.NOT_FOUND),
        (408, Cause.UNREACHABLE),
        (480, Cause.UNREACHABLE),
        (486, Cause.BUSY),
        (487, Cause.CANCELLED),
        (488, Cause.INCOMPATIBLE),
        (500, Cause.FAILED),
        (600, Cause.BUSY),
        (603, Cause.DECLINED),
        (607, Cause.DECLINED),
    ],
)
def test_a_status_means_a_cause(status: int, cause: Cause) -> None:
    assert cause_of(status) is cause
