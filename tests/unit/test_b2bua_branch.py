"""The B legs of a call, and what is asked of all of them."""

from switch.b2bua.branch import MAX_BRANCHES, Branch, Branches
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import Cause
from tests.support.exchange import UDP
from tests.support.leg_bench import URI, Originating


def branch(index: int) -> Branch:
    """Make a branch to a target."""
    record = LegRecord("b1", "out", None, None, None, "101", "102", 0.0)
    return Branch(index, Originating().originating, record, is_trunk=False)


def test_a_branch_knows_where_it_calls() -> None:
    one = branch(0)
    assert one.is_at(UDP, URI)
    assert not one.is_at(UDP, "sip:elsewhere@192.0.2.9")


def test_branches_that_are_over_are_neither_open_nor_silent() -> None:
    first, second = branch(0), branch(1)
    branches = Branches([first, second])
    second.leg.is_heard = True
    assert list(branches.silent()) == [first]
    first.is_over = True
    assert branches.open() == [second]
    assert (branches.open_at(0), branches.open_at(1)) == ([], [second])
    assert branches.is_over(first.leg)
    assert not branches.is_over(second.leg)
    assert branches.of(second.leg) is second


def test_a_target_has_declined_when_any_of_its_branches_has() -> None:
    branches = Branches([branch(0), branch(0), branch(1)])
    branches[0].record.end(1.0, 603, Cause.DECLINED, "callee")
    assert [branches.has_declined(index) for index in (0, 1)] == [True, False]


def test_the_branches_of_a_call_are_bounded() -> None:
    one = branch(0)
    assert not Branches([one] * (MAX_BRANCHES - 1)).is_full
    assert Branches([one] * MAX_BRANCHES).is_full
