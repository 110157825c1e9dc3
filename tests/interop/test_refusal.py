"""Calls that are not answered: busy, declined, cancelled, given up, and numbers nobody has."""

import msgspec

from tests.interop.support.conversation import connect, end, story
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone


def test_a_busy_pjsua_makes_baresip_hear_busy(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    baresip.call("102")
    pjsua.wait("incoming")
    pjsua.refuse(486)
    assert baresip.wait("closed").status == 486
    story(office.daemon, begin, "busy")


def test_a_busy_baresip_makes_pjsua_hear_busy(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    pjsua.call("101")
    baresip.wait("incoming")
    baresip.refuse(486)
    assert pjsua.wait("closed").status == 486
    story(office.daemon, begin, "busy")


def test_a_declined_call_ends_with_603(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    baresip.call("102")
    pjsua.wait("incoming")
    pjsua.refuse(603)
    assert baresip.wait("closed").status == 603
    story(office.daemon, begin, "declined")


def test_baresip_cancels_while_pjsua_rings(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    baresip.call("102")
    pjsua.wait("incoming")
    baresip.wait("ringing")
    baresip.hang_up()
    assert pjsua.wait("closed").status == 487
    lines = story(office.daemon, begin, "cancelled")
    assert {record.status for record in office.daemon.records(str(lines[0]["call_id"]))} == {487}


def test_pjsua_cancels_while_baresip_rings(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    pjsua.call("101")
    baresip.wait("incoming")
    pjsua.wait("ringing")
    pjsua.hang_up()
    assert pjsua.wait("closed").status == 487
    baresip.wait("closed")
    story(office.daemon, begin, "cancelled")


def test_a_phone_that_nobody_answers_ends_the_call_with_480(
    office: Office, begin: int, baresip: Softphone, pjsua: Softphone
) -> None:
    baresip.call("102")
    pjsua.wait("incoming")
    pjsua.refuse(480)
    assert baresip.wait("closed").status == 480
    assert office.daemon.wait_line("call_ended", after=begin)["by"] == "callee"


def test_a_phone_that_gives_up_ringing_ends_the_call(
    office: Office, begin: int, pjsua: Softphone
) -> None:
    settings = msgspec.structs.replace(office.settings("103"), rings_for=1)
    office.phone("baresip", settings).register()
    pjsua.call("103")
    pjsua.wait("ringing")
    assert pjsua.wait("closed").status == 486, "which is what baresip says then"
    story(office.daemon, begin, "busy")


def test_a_number_that_nobody_has_is_not_found(office: Office, baresip: Softphone) -> None:
    del office
    baresip.call("199")
    assert baresip.wait("closed").status == 404


def test_a_phone_that_is_switched_off_is_unavailable(office: Office, pjsua: Softphone) -> None:
    del office
    pjsua.call("109")
    assert pjsua.wait("closed").status == 480


def test_a_second_call_rings_a_phone_that_talks(
    office: Office, baresip: Softphone, pjsua: Softphone
) -> None:
    third = office.registered("baresip", "103")
    connect(baresip, pjsua)
    third.call("102")
    pjsua.wait("incoming")
    pjsua.refuse(486)
    assert third.wait("closed").status == 486
    pjsua.wait("closed")
    end(baresip, pjsua)
