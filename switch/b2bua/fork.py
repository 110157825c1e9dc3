"""Who is tried when: groups of targets, each rung at once, one group after the other.

RFC 3261 sections 16.6 and 16.7.

A pure machine over indices: the call owns the legs. A group is followed by the next one only when
all its targets have failed with a status that lets the call go on elsewhere.
"""

from collections.abc import Container, Sequence
from enum import Enum

from switch.b2bua.event import Fail

TRY_ELSEWHERE = frozenset({408, 430, 480, 500, 502, 503, 504})
"""Failures of a trunk or path, not of the called party: the next trunk may do better."""

_PREFERRED = {class_: rank for rank, class_ in enumerate((6, 2, 3, 4, 5))}
_WITHIN_4XX = frozenset({401, 407, 415, 420, 484})
"""Within 4xx, those that tell the caller how to do better are preferred (section 16.7 step 6)."""


class Outcome(Enum):
    """What a failure leaves to do."""

    WAIT = "wait"
    NEXT = "next"
    EXHAUSTED = "exhausted"


class Fork:
    """The targets of a call, by index."""

    __slots__ = ("_failures", "_group", "_groups", "_open", "_try_elsewhere")

    def __init__(
        self, groups: Sequence[Sequence[int]], *, try_elsewhere: Container[int] = TRY_ELSEWHERE
    ) -> None:
        self._groups = tuple(tuple(group) for group in groups if group)
        self._group = -1
        self._open: set[int] = set()
        self._failures: list[Fail] = []
        self._try_elsewhere = try_elsewhere

    def next_group(self) -> tuple[int, ...]:
        """Return the targets to try now; empty when there are none left."""
        self._group += 1
        if self._group >= len(self._groups):
            return ()
        group = self._groups[self._group]
        self._open = set(group)
        return group

    def fail(self, target: int, failure: Fail) -> Outcome:
        """Take that a target has failed for good."""
        self._open.discard(target)
        self._failures.append(failure)
        if self._open and failure.status < 600:
            return Outcome.WAIT
        is_last = self._group + 1 >= len(self._groups)
        if is_last or failure.status not in self._try_elsewhere:
            return Outcome.EXHAUSTED
        return Outcome.NEXT

    def best_failure(self) -> Fail:
        """Return the failure that the caller is told (section 16.7 step 6)."""
        return min(self._failures, key=_rank)

    def __repr__(self) -> str:
        return f"<Fork group {self._group + 1} of {len(self._groups)}, {len(self._open)} open>"


def _rank(failure: Fail) -> tuple[int, bool]:
    class_ = failure.status // 100
    # A busy phone says more to the caller than one that was not reached.
    return _PREFERRED.get(class_, 9), failure.status not in _WITHIN_4XX and failure.status in {
        408,
        480,
    }
