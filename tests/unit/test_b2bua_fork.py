"""Who is tried when, and which failure the caller is told."""

import pytest

from switch.b2bua.event import Cause, Fail
from switch.b2bua.fork import NOT_DECLINED, Fork, Outcome


def failure(status: int) -> Fail:
    """Make a failure."""
    return Fail(status, "Reason", Cause.FAILED)


def test_groups_are_tried_one_after_the_other_and_empty_ones_not_at_all() -> None:
    fork = Fork([(0,), (), (1, 2)])
    assert [fork.next_group() for _ in range(3)] == [(0,), (1, 2), ()]


@pytest.mark.parametrize("status", [408, 430, 480, 500, 502, 503, 504])
def test_a_path_that_failed_lets_the_next_group_try(status: int) -> None:
    fork = Fork([(0,), (1,)])
    fork.next_group()
    assert fork.fail(0, failure(status)) is Outcome.NEXT


@pytest.mark.parametrize("status", [404, 486, 488, 603])
def test_a_called_party_that_refused_ends_the_hunt(status: int) -> None:
    fork = Fork([(0,), (1,)])
    fork.next_group()
    assert fork.fail(0, failure(status)) is Outcome.EXHAUSTED


def test_a_target_that_refused_leaves_the_others_ringing() -> None:
    fork = Fork([(0, 1)])
    fork.next_group()
    assert fork.fail(0, failure(486)) is Outcome.WAIT
    assert fork.fail(1, failure(480)) is Outcome.EXHAUSTED


def test_a_device_that_declines_leaves_the_others_ringing() -> None:
    fork = Fork([(0, 1)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    assert fork.fail(0, failure(603)) is Outcome.WAIT
    assert fork.fail(1, failure(486)) is Outcome.EXHAUSTED
    assert fork.best_failure().status == 603


@pytest.mark.parametrize("status", [404, 408, 480, 486, 488, 503, 600])
def test_the_next_stage_rings_when_all_of_one_are_busy_or_out_of_reach(status: int) -> None:
    fork = Fork([(0, 1), (2,)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    assert fork.fail(0, failure(486)) is Outcome.WAIT
    assert fork.fail(1, failure(status)) is Outcome.NEXT
    assert fork.next_group() == (2,)
    assert not fork.has_next


def test_a_stage_in_which_somebody_declined_is_the_last() -> None:
    fork = Fork([(0, 1), (2,)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    assert fork.fail(0, failure(603)) is Outcome.WAIT
    assert fork.fail(1, failure(480)) is Outcome.EXHAUSTED


def test_a_silent_target_does_not_hold_the_next_group_up_and_may_still_fail() -> None:
    fork = Fork([(0, 1), (2,)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    assert fork.fail(0, failure(486)) is Outcome.WAIT
    assert fork.doubt(1) is Outcome.NEXT
    assert fork.next_group() == (2,)
    assert fork.fail(2, failure(480)) is Outcome.WAIT
    assert fork.fail(1, failure(408)) is Outcome.EXHAUSTED


def test_a_target_that_joins_keeps_the_call_alive_and_moves_no_group_on() -> None:
    fork = Fork([(0,), (1, 2)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    fork.join(1)
    assert fork.fail(1, failure(603)) is Outcome.WAIT
    fork.join(3)
    assert fork.fail(0, failure(480)) is Outcome.NEXT
    assert fork.next_group() == (2,)
    assert fork.fail(2, failure(480)) is Outcome.WAIT
    assert fork.fail(3, failure(480)) is Outcome.EXHAUSTED


def test_a_group_whose_targets_have_all_joined_before_is_left_out() -> None:
    fork = Fork([(0,), (1,), (2,)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    fork.join(1)
    assert fork.fail(0, failure(480)) is Outcome.NEXT
    assert fork.next_group() == (2,)


def test_a_target_of_the_group_that_comes_back_still_speaks_for_its_group() -> None:
    fork = Fork([(0,), (1,)], try_elsewhere=NOT_DECLINED)
    fork.next_group()
    fork.join(0)
    assert fork.fail(0, failure(603)) is Outcome.EXHAUSTED


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ([486, 603], 603),
        ([503, 404], 404),
        ([302, 486], 302),
        ([480, 486], 486),
        ([408, 480], 408),
        ([500, 199], 500),
    ],
)
def test_the_caller_is_told_the_failure_that_says_most(statuses: list[int], best: int) -> None:
    fork = Fork([tuple(range(len(statuses)))])
    fork.next_group()
    for index, status in enumerate(statuses):
        fork.fail(index, failure(status))
    assert fork.best_failure().status == best


def test_a_fork_says_how_far_it_is() -> None:
    fork = Fork([(0, 1)])
    fork.next_group()
    assert repr(fork) == "<Fork group 1 of 1, 2 open>"


def test_a_failure_may_forbid_to_go_on_whatever_its_status() -> None:
    fork = Fork([(0,), (1,)])
    fork.next_group()
    assert fork.fail(0, failure(503), is_last=True) is Outcome.EXHAUSTED
