"""What the operator does and reads while phones talk: drain, hang up, follow, records."""

import json

from tests.interop.support.conversation import connect, end, hear_each_other, story
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone


def test_a_draining_switch_refuses_new_calls_lets_talkers_finish_and_stops(
    own_office: Office,
) -> None:
    daemon = own_office.daemon
    first = own_office.registered("baresip", "101")
    second = own_office.registered("pjsua", "102", "tcp")
    third = own_office.registered("baresip", "103")
    connect(first, second)
    daemon.ask("drain")
    third.call("102")
    assert third.wait("closed").status == 503
    hear_each_other(first, second)
    end(first, second)
    assert daemon.join() == 0
    told = [line["event"] for line in daemon.lines]
    assert told.index("call_ended") < told.index("drained") < told.index("stopped")
    assert {record.status for record in daemon.cdrs()} >= {200}


def test_the_operator_hangs_up_a_call_and_both_phones_know(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(baresip, pjsua)
    call_id = str(office.daemon.wait_line("call_answered", after=begin)["call_id"])
    assert call_id in office.daemon.ask("calls").decode()
    office.daemon.ask("call", "hangup", call_id)
    baresip.wait("closed")
    pjsua.wait("closed")
    story(office.daemon, begin, "operator")


def test_a_call_is_read_as_one_story_with_ladder_decision_and_records(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(baresip, pjsua)
    end(baresip, pjsua)
    call_id = str(story(office.daemon, begin)[0]["call_id"])
    office.daemon.records(call_id)
    told = office.daemon.ask("call", "show", call_id).decode()
    for part in ("call_answered", "INVITE", "200 OK (BYE)", "device=102  rings", "normal"):
        assert part in told
    assert "secret-of-101" not in told
    ladder = office.daemon.ask("trace", "--call", call_id).decode()
    assert ladder.count("180 Ringing") == 2


def test_the_command_line_gives_the_records_as_json(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    connect(pjsua, baresip)
    end(baresip, pjsua)
    call_id = str(story(office.daemon, begin)[0]["call_id"])
    office.daemon.records(call_id)
    octets = office.daemon.ask("cdr", "--json", "--call", call_id)
    records = json.loads(octets)
    assert {record["leg"] for record in records} == {"a", "b1"}
    assert all(record["media"] for record in records)
    assert office.daemon.status().calls == 0
