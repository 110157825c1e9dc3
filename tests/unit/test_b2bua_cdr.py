"""Call detail records."""

from switch.b2bua.cdr import LegRecord
from switch.b2bua.event import Cause


def record() -> LegRecord:
    return LegRecord("a", "in", "shop", "101", None, "+815012340101", "102", 1000.0)


def test_a_record_tells_the_first_of_everything() -> None:
    told = record()
    for at in (1001.0, 1002.0):
        told.ring(at)
    for at in (1003.0, 1004.0):
        told.answer(at)
    assert told.duration == 0.0
    for at, cause in ((1010.0, Cause.NORMAL), (1011.0, Cause.FAILED)):
        told.end(at, 500, cause, "caller")
    row = told.row("call", "[]")
    assert (row.ringing_at, row.answered_at, row.ended_at) == (1001.0, 1003.0, 1010.0)
    assert (row.status, row.cause, told.duration) == (200, "normal", 7.0)


def test_a_record_that_never_ended_ends_with_its_beginning() -> None:
    row = record().row("call", "[]")
    assert (row.ended_at, row.cause) == (1000.0, "failed")


def test_a_record_takes_no_octets_that_no_database_takes() -> None:
    told = record()
    told.caller = told.called = told.sip_call_id = "ab\udce7\u4ee3"
    row = told.row("call", "[]")
    assert row.caller == row.called == row.sip_call_id == "ab\ufffd\u4ee3"
