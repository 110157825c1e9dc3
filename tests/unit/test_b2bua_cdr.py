"""The record of one leg: folded as it happens, written once."""

import msgspec

from media.plane import StreamCounters
from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import Cause


def record() -> LegRecord:
    """Make the record of a leg that begins."""
    return LegRecord("b1", "out", "contract-1", "bob", None, "101", "102", 100.0)


def test_an_answered_leg_keeps_its_first_times_and_its_200() -> None:
    leg = record()
    for at in (101.0, 102.0):
        leg.ring(at)
    for at in (103.0, 104.0):
        leg.answer(at)
    for at in (110.0, 120.0):
        leg.end(at, 487, Cause.NORMAL, "caller")
    row = leg.row("call", "[]")
    times = (row.ringing_at, row.answered_at, row.ended_at, row.status)
    assert times == (101.0, 103.0, 110.0, 200)
    assert leg.duration == 7.0


def test_a_leg_that_was_not_answered_keeps_the_status_that_ended_it() -> None:
    leg = record()
    leg.end(105.0, 486, Cause.BUSY, "callee")
    row = leg.row("call", "[]")
    assert (row.status, row.cause, row.released_by) == (486, "busy", "callee")
    assert leg.duration == 0.0


def test_a_leg_that_never_ended_is_written_as_failed() -> None:
    row = record().row("call", "[]")
    assert (row.ended_at, row.cause) == (100.0, "failed")


def test_the_media_of_a_leg_is_written_as_json() -> None:
    leg = record()
    counters = msgspec.convert(dict.fromkeys(StreamCounters.__struct_fields__, 0), StreamCounters)
    leg.counters = (counters,)
    assert len(msgspec.json.decode(leg.row("call", "[]").media)) == 1
