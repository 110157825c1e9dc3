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


def tried(*branches: Branch) -> Branches:
    """Make the branches of a call that has tried these."""
    made = Branches()
    for each in branches:
        made.append(each)
    return made


def test_a_branch_knows_where_it_calls() -> None:
    one = branch(0)
    assert one.is_at(UDP, URI)
    assert not one.is_at(UDP, "sip:elsewhere@192.0.2.9")


def test_branches_that_are_over_are_neither_open_nor_silent() -> None:
    first, second = branch(0), branch(1)
    branches = tried(first, second)
    second.leg.is_heard = True
    assert list(branches.silent()) == [first]
    first.is_over = True
    assert branches.open() == [second]
    assert (branches.open_at(0), branches.open_at(1)) == ([], [second])
    assert branches.of(second.leg) is second


def test_a_target_has_declined_when_any_of_its_branches_has() -> None:
    branches = tried(branch(0), branch(0), branch(1))
    branches[0].record.end(1.0, 603, Cause.DECLINED, "callee")
    assert [branches.has_declined(index) for index in (0, 1)] == [True, False]


def test_the_branches_of_a_call_are_bounded() -> None:
    one = branch(0)
    assert not tried(*[one] * (MAX_BRANCHES - 1)).is_full
    assert tried(*[one] * MAX_BRANCHES).is_full


def test_another_hunt_counts_its_targets_anew_whoever_has_left_meanwhile() -> None:
    first, second = branch(0), branch(0)
    branches = tried(first)
    names = [branches.next_name(), branches.next_name()]
    branches.begin()
    branches.append(second)
    assert branches.open_at(0) == [second]
    branches.remove(first)
    assert branches.open_at(0) == [second]
    assert len(branches) == 1
    assert [*names, branches.next_name()] == ["b1", "b2", "b3"]
