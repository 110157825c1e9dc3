"""Calls of before a restart, read from their records."""

import msgspec

from routing.number import NumberKind
from switch.effect import WriteCdr
from switch.guard.fraud import past_call

CDR = WriteCdr(
    "call-1", "a", "in", "shop", "desk", None, "+81312345678", "01012025550100",
    100.0, 101.0, 102.0, 160.0, 200, "normal", "caller", "x@h", "[]", "[]",
)  # fmt: skip


def test_a_record_tells_who_called_which_number_and_for_how_long() -> None:
    past = past_call(CDR)
    assert past is not None
    assert (past.device, past.number.kind) == ("desk", NumberKind.INTERNATIONAL)
    assert (past.began_at, past.seconds) == (100.0, 58.0)


def test_a_call_that_nobody_answered_has_lasted_no_time() -> None:
    past = past_call(msgspec.structs.replace(CDR, called="1840398765432", answered_at=None))
    assert past is not None
    assert (past.number.text, past.seconds) == ("+81398765432", None)


def test_emergency_calls_texts_and_calls_of_nobody_are_not_counted() -> None:
    for changes in ({"called": "110"}, {"called": "184119"}, {"called": "desk"}, {"device": None}):
        assert past_call(msgspec.structs.replace(CDR, **changes)) is None
