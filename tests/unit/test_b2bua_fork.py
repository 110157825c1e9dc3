"""Who is tried when, and which failure the caller is told."""

import pytest

from switch.b2bua.event import Cause, Fail
from switch.b2bua.fork import Fork, Outcome


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


def test_a_refusal_for_everywhere_stops_the_others() -> None:
    fork = Fork([(0, 1)])
    fork.next_group()
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
