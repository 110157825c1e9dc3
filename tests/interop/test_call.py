"""Calls between phones of different stacks, by extension and number, heard by content."""

from itertools import pairwise

import msgspec

from media.plane import StreamCounters
from tests.interop.support.conversation import connect, end, hear_each_other, story
from tests.interop.support.office import Office, number
from tests.interop.support.softphone import Softphone

TOLD = ["call_received", "call_routed", "call_ringing", "call_answered", "call_ended"]
"""What the operator reads of every answered call, in this order."""


def test_baresip_calls_pjsua_by_extension_and_they_hear_each_other(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(baresip, pjsua)
    hear_each_other(baresip, pjsua)
    end(baresip, pjsua)
    events = [line["event"] for line in story(office.daemon, begin)]
    for earlier, later in pairwise(TOLD):
        assert events.index(earlier) < events.index(later)


def test_pjsua_calls_baresip_by_direct_number_and_they_hear_each_other(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(pjsua, baresip, number("101"))
    hear_each_other(pjsua, baresip)
    end(pjsua, baresip)
    story(office.daemon, begin)


def test_the_callee_may_hang_up_too(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    for caller, callee in ((baresip, pjsua), (pjsua, baresip)):
        connect(caller, callee)
        end(callee, caller)
    ended = [line for line in office.daemon.lines[begin:] if line["event"] == "call_ended"]
    assert [line["by"] for line in ended] == ["callee", "callee"]


def test_the_callee_sees_the_callers_extension_and_name(
    office: Office, baresip: Softphone, pjsua: Softphone
) -> None:
    del office
    baresip.call("102")
    shown = pjsua.wait("incoming").text
    assert shown.startswith('"Phone 101" <sip:101@'), shown
    baresip.hang_up()
    baresip.wait("closed")


def test_each_leg_has_its_record_with_times_and_counted_packets(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(baresip, pjsua)
    hear_each_other(baresip, pjsua, seconds=0.3)
    end(pjsua, baresip)
    call_id = str(story(office.daemon, begin)[0]["call_id"])
    first, second = sorted(office.daemon.records(call_id), key=lambda record: record.leg)
    assert (first.device, second.device) == ("101", "102")
    assert {first.released_by, second.released_by} == {"callee"}
    for record in (first, second):
        assert record.status == 200
        assert record.cause == "normal"
        assert record.answered_at is not None
        assert record.started_at <= record.answered_at < record.ended_at
        (stream,) = msgspec.json.decode(record.media, type=list[StreamCounters])
        assert stream.packets_received > 10
        assert stream.packets_sent > 10
        assert stream.packets_lost == 0


def test_ten_calls_in_a_row_leave_the_phones_and_the_switch_as_they_were(
    office: Office, baresip: Softphone, pjsua: Softphone
) -> None:
    del office
    for _ in range(5):
        for caller, callee in ((baresip, pjsua), (pjsua, baresip)):
            connect(caller, callee)
            end(caller, callee)
    connect(baresip, pjsua)
    hear_each_other(baresip, pjsua, seconds=0.3)
    end(baresip, pjsua)
