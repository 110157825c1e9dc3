"""What a trunk's health learns of the calls that were sent to it."""

from random import Random

import pytest

from routing.directory import Directory
from routing.trunk import Trunk
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import Cause
from switch.b2bua.verdict import judge
from switch.sip.stack import Listener, Stack
from switch.sip.timer import TimerValues
from switch.sip.token import SeededTokens
from switch.trunk.health import FAILURES_TO_REST, MAX_REST, REST
from switch.trunk.service import TrunkService
from tests.support.exchange import LOCAL, UDP

CARRIER = Trunk("carrier", "192.0.2.1", options_interval=None)


class Bench:
    """A trunk, and calls that went to it."""

    def __init__(self) -> None:
        tokens = SeededTokens(Random(3))  # noqa: S311 - the same run every time
        self.stack = Stack([Listener(UDP.transport, LOCAL, LOCAL)], tokens, TimerValues())
        self.trunks = TrunkService(self.stack, Directory.build(trunks=[CARRIER]))
        self.trunks.start()

    def judge(
        self,
        status: int,
        by: str = "callee",
        *,
        unheard: bool = False,
        retry_after: str | None = None,
    ) -> None:
        """Let a call to the trunk end so."""
        leg = LegRecord("b1", "out", None, None, CARRIER.name, "101", "0398765432", 0.0)
        if status == 200:
            leg.answer(1.0)
        leg.is_unheard, leg.retry_after = unheard, retry_after
        leg.end(2.0, status, Cause.FAILED, by)
        judge(self.trunks, CARRIER.name, leg)

    def rests_for(self, seconds: float) -> bool:
        """Tell whether the trunk gets no call until then, and one from then on."""
        self.stack.now = seconds - 0.1
        is_down = not self.trunks.is_up(CARRIER.name)
        self.stack.now = seconds
        return is_down and self.trunks.is_up(CARRIER.name)


def test_a_trunk_that_never_answers_rests_and_one_that_takes_a_call_does_not() -> None:
    bench = Bench()
    for _ in range(FAILURES_TO_REST - 1):
        bench.judge(408, unheard=True)
    bench.judge(200)
    for _ in range(FAILURES_TO_REST - 1):
        bench.judge(408, unheard=True)
    assert bench.trunks.is_up(CARRIER.name)
    bench.judge(408, unheard=True)
    assert bench.rests_for(REST)


@pytest.mark.parametrize(
    ("retry_after", "rest"),
    [(None, REST), ("90", 90.0), ("90 (later)", 90.0), ("9999", MAX_REST), ("soon", REST)],
)
def test_an_overloaded_trunk_rests_as_long_as_it_asks_for(
    retry_after: str | None, rest: float
) -> None:
    bench = Bench()
    bench.judge(503, retry_after=retry_after)
    assert bench.rests_for(rest)


def test_what_the_called_party_or_the_switch_ends_says_nothing_against_a_trunk() -> None:
    bench = Bench()
    for _ in range(FAILURES_TO_REST):
        bench.judge(486)
        bench.judge(503, by="switch")
        bench.judge(487, by="caller")
    assert bench.trunks.is_up(CARRIER.name)
