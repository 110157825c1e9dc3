"""Who may invite now, when a 2xx is repeated, which ACK answers it (RFC 3261 sections 13, 14)."""

import pytest

from switch.sip.dialog.invite_usage import (
    KEPT_ACKS,
    Acceptance,
    Acknowledgements,
    Floor,
    Verdict,
)
from switch.sip.timer import TimerValues


@pytest.mark.parametrize(
    ("inviting", "invited", "verdict"),
    [
        (False, False, Verdict.PROCEED),
        (True, False, Verdict.PENDING),
        (False, True, Verdict.RETRY_LATER),
        (True, True, Verdict.RETRY_LATER),
    ],
)
def test_an_invite_is_judged_by_those_under_way(
    *, inviting: bool, invited: bool, verdict: Verdict
) -> None:
    floor = Floor()
    floor.inviting, floor.invited = inviting, invited
    assert floor.judge() is verdict
    assert floor.is_free is (verdict is Verdict.PROCEED)


def test_a_2xx_is_repeated_at_the_times_of_the_rfc() -> None:
    acceptance = Acceptance(TimerValues())
    now: float = acceptance.start()
    times = [now]
    while (after := acceptance.expire()) is not None:
        now += after
        times.append(now)
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32.0]


def test_the_last_acks_are_kept_by_dialog_and_number() -> None:
    acks = Acknowledgements()
    for number in range(KEPT_ACKS + 1):
        acks.keep("tag", number, b"ack %d" % number)
    assert acks.find("tag", 0) is None
    assert acks.find("tag", KEPT_ACKS) == b"ack %d" % KEPT_ACKS
    assert acks.find("other", KEPT_ACKS) is None
