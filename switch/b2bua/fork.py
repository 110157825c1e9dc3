"""Who is tried when: groups of targets, each rung at once, one group after the other.

RFC 3261 sections 16.6 and 16.7.

A pure machine over indices: the call owns the legs. A group is followed by the next one when all
its targets have failed with a status that lets the call go on elsewhere, or stay silent. A silent
target is not given up: it may still answer. A target may also join from outside its group, a
device that registers while the others ring; what becomes of it moves no group on.
"""

from collections.abc import Container, Iterator, Sequence
from enum import Enum

from switch.b2bua.event import Fail

TRUNK_FAILED = frozenset({408, 430, 480, 500, 502, 503, 504})
"""Failures of a trunk or path, not of the called party: the next trunk may do better."""

DECLINED = frozenset({603, 607, 608})
"""What a person or a person's filter says: the call is seen, and not wanted."""

EVERY_FAILURE = frozenset(range(300, 700))
"""For an emergency call every carrier is tried, whatever one says."""

NOT_DECLINED = EVERY_FAILURE - DECLINED
"""Failures of a device that is out of reach, busy or confused: the next stage may do better."""

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

    __slots__ = (
        "_awaited", "_failures", "_group", "_groups", "_is_refused", "_joined", "_open", "_tried",
        "_try_elsewhere",
    )  # fmt: skip

    def __init__(
        self, groups: Sequence[Sequence[int]], *, try_elsewhere: Container[int] = TRUNK_FAILED
    ) -> None:
        self._groups = tuple(tuple(group) for group in groups if group)
        self._group = -1
        self._open: set[int] = set()
        """Who may still answer."""
        self._awaited: set[int] = set()
        """Who of the present group may still answer and has not been silent for too long."""
        self._joined: set[int] = set()
        self._tried: set[int] = set()
        self._failures: list[Fail] = []
        self._is_refused = False
        """Somebody's failure forbids to go on elsewhere."""
        self._try_elsewhere = try_elsewhere

    def next_group(self) -> tuple[int, ...]:
        """Return the targets to try now; empty when there are none left."""
        for number, group in self._untried():
            self._group = number
            self._open.update(group)
            self._tried.update(group)
            self._awaited = set(group)
            return group
        self._group = len(self._groups)
        return ()

    def fail(self, target: int, failure: Fail, *, is_last: bool = False) -> Outcome:
        """Take that a target has failed for good, and perhaps for every later one."""
        self._open.discard(target)
        self._awaited.discard(target)
        self._failures.append(failure)
        refuses = is_last or failure.status not in self._try_elsewhere
        if target not in self._joined and refuses:
            self._is_refused = True
        return self._outcome()

    def doubt(self, target: int) -> Outcome:
        """Take that a target has been silent for too long to wait for it alone."""
        self._awaited.discard(target)
        return self._outcome()

    def join(self, target: int) -> None:
        """Take that a target is tried whose turn it is not, or once more."""
        if target not in self._tried:
            self._joined.add(target)
        self._open.add(target)
        self._tried.add(target)

    @property
    def has_next(self) -> bool:
        """Whether there is somebody to try after the present group."""
        return next(self._untried(), None) is not None

    def best_failure(self) -> Fail:
        """Return the failure that the caller is told (section 16.7 step 6)."""
        return min(self._failures, key=_rank)

    def _outcome(self) -> Outcome:
        if not self._awaited and not self._is_refused and self.has_next:
            return Outcome.NEXT
        return Outcome.WAIT if self._open else Outcome.EXHAUSTED

    def _untried(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield each later group that has somebody who was not tried, and who that is."""
        for number in range(self._group + 1, len(self._groups)):
            group = tuple(each for each in self._groups[number] if each not in self._tried)
            if group:
                yield number, group

    def __repr__(self) -> str:
        return f"<Fork group {self._group + 1} of {len(self._groups)}, {len(self._open)} open>"


def _rank(failure: Fail) -> tuple[int, bool]:
    class_ = failure.status // 100
    # A busy phone says more to the caller than one that was not reached.
    return _PREFERRED.get(class_, 9), failure.status not in _WITHIN_4XX and failure.status in {
        408,
        480,
    }
