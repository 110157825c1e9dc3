"""Carriers by address: SIPp with scenarios of our own, and a second stack, in and out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.interop.conftest import check_quiet, lend, local_now, tell
from tests.interop.support.conversation import LOW, connect, end, hear_each_other, story
from tests.interop.support.office import Office, number, trunk
from tests.interop.support.order import Settings
from tests.interop.support.sipp import PROGRAM, Sipp, free_port
from tests.interop.support.softphone import Softphone

FIRST, SECOND = "127.0.0.2", "127.0.0.3"
OUTSIDE = "0312345678"

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="sipp (Debian's sip-tester) is missing")

Carrier = Callable[[str], Sipp]
Exchange = tuple[Office, Softphone, Softphone]


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """Choose the carriers' ports."""
    return {host: free_port(host) for host in (FIRST, SECOND)}


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]) -> Iterator[Exchange]:
    """Run a switch with two carriers and two phones."""
    office = Office(tmp_path_factory.mktemp("exchange"), trunks=carriers(ports))
    try:
        office.start()
        yield office, office.registered("baresip", "101"), office.registered("pjsua", "102")
    finally:
        office.close()


@pytest.fixture
def trunked(exchange: Exchange) -> Iterator[Office]:
    """Lend the switch with its carriers; nothing is left in it after the test."""
    office = exchange[0]
    begin, since = len(office.daemon.lines), local_now()
    with office.guests():
        yield office
    tell(office.daemon, begin, since)
    check_quiet(office.daemon, begin)


@pytest.fixture
def phone(trunked: Office, exchange: Exchange) -> Iterator[Softphone]:
    """Lend the phone that calls out."""
    del trunked
    yield from lend(exchange[1])


@pytest.fixture
def called(trunked: Office, exchange: Exchange) -> Iterator[Softphone]:
    """Lend the phone that is called: pjsua, since baresip sends a re-INVITE of its own at once."""
    del trunked
    yield from lend(exchange[2])


@pytest.fixture
def carrier(trunked: Office, ports: dict[str, int]) -> Iterator[Carrier]:
    """Make runs of SIPp at the first carrier's address."""
    runs: list[Sipp] = []

    def make(scenario: str) -> Sipp:
        runs.append(Sipp(trunked.folder, scenario, FIRST, ports[FIRST]))
        return runs[-1]

    yield make
    for run in runs:
        run.close()


def hears_its_echo(phone: Softphone) -> None:
    phone.play(LOW)
    heard = [phone.hear(0.4)]
    while not heard[-1].is_tone(LOW):
        assert len(heard) < 3, f"{phone!r} heard {heard}"
        heard.append(phone.hear(0.4))


def test_a_phone_calls_out_through_the_trunk_and_hears_the_far_side(
    trunked: Office, phone: Softphone, carrier: Carrier
) -> None:
    begin = len(trunked.daemon.lines)
    far = carrier("answers").answers()
    phone.call(OUTSIDE)
    phone.wait("ringing")
    phone.wait("established")
    hears_its_echo(phone)
    phone.hang_up()
    phone.wait("closed")
    assert far.succeeds()
    call_id = str(story(trunked.daemon, begin)[0]["call_id"])
    assert {record.trunk for record in trunked.daemon.records(call_id)} == {None, "first"}


def test_a_call_from_the_trunk_rings_the_direct_number(
    trunked: Office, called: Softphone, carrier: Carrier
) -> None:
    far = carrier("calls").calls(number("102"), trunked.daemon.addresses["udp"], talk=2000)
    assert "0399999999" in called.wait("incoming").text
    called.answer()
    called.wait("established")
    hears_its_echo(called)
    called.wait("closed")
    assert far.succeeds()


def test_a_carrier_that_offers_late_is_understood(
    trunked: Office, called: Softphone, carrier: Carrier
) -> None:
    address = trunked.daemon.addresses["udp"]
    far = carrier("calls_late_offer").calls(number("102"), address, talk=2000)
    called.wait("incoming")
    called.answer()
    called.wait("established")
    hears_its_echo(called)
    called.wait("closed")
    assert far.succeeds()


def test_a_200_is_repeated_until_the_carriers_ack_comes(
    trunked: Office, called: Softphone, carrier: Carrier
) -> None:
    address = trunked.daemon.addresses["udp"]
    since = local_now()
    far = carrier("calls_loses_ack").calls(number("102"), address, talk=100)
    called.wait("incoming")
    called.answer()
    called.wait("closed")
    assert far.succeeds()
    answers = [
        message
        for message in trunked.daemon.messages(since)
        if message.what == "200 OK (INVITE)" and message.flow.remote.host == FIRST
    ]
    assert len(answers) > 1


def test_a_carrier_that_moves_its_media_by_reinvite_is_followed(
    trunked: Office, called: Softphone, carrier: Carrier
) -> None:
    address = trunked.daemon.addresses["udp"]
    far = carrier("calls_moves_media").calls(number("102"), address, talk=1500)
    called.wait("incoming")
    called.answer()
    called.wait("established")
    hears_its_echo(called)
    trunked.daemon.wait_message("INVITE", "CSeq: 2 INVITE")
    hears_its_echo(called)
    called.wait("closed")
    assert far.succeeds()


def test_a_carrier_that_cancels_stops_the_ringing(
    trunked: Office, called: Softphone, carrier: Carrier
) -> None:
    address = trunked.daemon.addresses["udp"]
    far = carrier("calls_and_cancels").calls(number("102"), address)
    called.wait("incoming")
    called.wait("closed")
    assert far.succeeds()


def test_a_number_that_is_not_ours_is_refused_to_the_carrier(
    trunked: Office, carrier: Carrier
) -> None:
    address = trunked.daemon.addresses["udp"]
    assert carrier("calls_is_refused").calls("0311112222", address).succeeds()


def test_the_carriers_announcement_is_heard_before_the_answer(
    trunked: Office, phone: Softphone, carrier: Carrier
) -> None:
    del trunked
    far = carrier("answers_after_early_media").answers(talk=500)
    phone.play(LOW)
    phone.call(OUTSIDE)
    phone.wait("progress")
    phone.wait("established")
    hears_its_echo(phone)
    phone.hang_up()
    phone.wait("closed")
    assert far.succeeds()


def test_a_busy_far_side_is_told_as_busy(
    trunked: Office, phone: Softphone, carrier: Carrier
) -> None:
    del trunked
    far = carrier("is_busy").answers()
    phone.call(OUTSIDE)
    assert phone.wait("closed").status == 486
    assert far.succeeds()


def test_the_second_carrier_takes_what_the_first_cannot(tmp_path: Path) -> None:
    ports = {host: free_port(host) for host in (FIRST, SECOND)}
    office = Office(tmp_path, trunks=carriers(ports))
    far = Sipp(tmp_path, "is_out_of_service", FIRST, ports[FIRST]).answers()
    try:
        phone = office.start().registered("baresip", "101")
        second = foreign(office, ports)
        connect(phone, second, OUTSIDE)
        hear_each_other(phone, second)
        end(second, phone)
        assert far.succeeds()
        call_id = str(story(office.daemon, 0)[0]["call_id"])
        told = {(each.trunk, each.status) for each in office.daemon.records(call_id, 3)}
        assert told == {(None, 200), ("first", 503), ("second", 200)}
    finally:
        far.close()
        office.close()


def test_a_softphone_as_carrier_calls_in(
    trunked: Office, phone: Softphone, ports: dict[str, int]
) -> None:
    second = foreign(trunked, ports)
    connect(second, phone, number("101"))
    hear_each_other(second, phone)
    end(phone, second)


def carriers(ports: dict[str, int]) -> str:
    """Write both carriers' tables, the first to be tried first."""
    second = trunk("second", SECOND, ports[SECOND], priority=1)
    return trunk("first", FIRST, ports[FIRST]) + second


def foreign(office: Office, ports: dict[str, int]) -> Softphone:
    """Take a phone into use at the second carrier's address; it does not register."""
    host, port = office.daemon.addresses["udp"]
    settings = Settings(OUTSIDE, "", host, port, local=SECOND, registers=False)
    return office.phone("pjsua", msgspec.structs.replace(settings, local_port=ports[SECOND]))
