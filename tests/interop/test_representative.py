"""A representative number with two fixed phones and two apps, and carriers that call in and out."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from tests.interop.conftest import check_quiet, local_now, tell
from tests.interop.support.conversation import HIGH, LOW, end, hear_each_other, story
from tests.interop.support.office import Office, number, trunk
from tests.interop.support.order import Settings
from tests.interop.support.shop import KINDS, MAIN, NEIGHBOURS, Shop, open_shop
from tests.interop.support.sipp import PROGRAM, Sipp, free_port
from tests.interop.support.softphone import Softphone

FIRST, FRAIL, WEARY, FOREIGN = "127.0.0.2", "127.0.0.4", "127.0.0.5", "127.0.0.6"
HOSTS = {"first": FIRST, "frail": FRAIL, "weary": WEARY, "foreign": FOREIGN}
OUTSIDE, TO_WEARY, ELSEWHERE = "0312345678", "0312345679", "0399990000"

ROUTES = f"""
[[route]]
destination = "{OUTSIDE}"
trunk = "frail"
[[route]]
destination = "{TO_WEARY}"
trunk = "weary"
[[route]]
destination = "any"
trunk = "foreign"
priority = 9
"""
"""Two numbers have carriers of their own before the common one, since a carrier that failed rests;
from the foreign softphone's carrier calls only come."""

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="sipp (Debian's sip-tester) is missing")


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """Choose the carriers' ports."""
    return {host: free_port(host) for host in HOSTS.values()}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]) -> Iterator[Shop]:
    """Run a switch with its carriers, another contract in its file, and the shop's phones."""
    trunks = "".join(trunk(name, host, ports[host]) for name, host in HOSTS.items())
    folder = tmp_path_factory.mktemp("shop")
    office = Office(folder, trunks=trunks + ROUTES, users=NEIGHBOURS)
    try:
        yield open_shop(office.start())
    finally:
        office.close()


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    """Lend the shop with all phones registered; nothing is left in the switch after the test."""
    begin, since = len(opened.daemon.lines), local_now()
    opened.all_register()
    for phone in opened.phones:
        phone.forget()
        phone.play(0)
    with opened.office.guests():
        yield opened
        for phone in opened.phones:
            phone.abandon()
    tell(opened.daemon, begin, since)
    check_quiet(opened.daemon, begin)


@pytest.fixture
def since(shop: Shop) -> float:
    """Remember when the test began."""
    del shop
    return local_now()


@pytest.fixture
def begin(shop: Shop) -> int:
    """Remember where the log was when the test began."""
    return len(shop.daemon.lines)


class Carriers:
    """Runs of SIPp: at a carrier's own address, or several that call at once."""

    def __init__(self, shop: Shop, ports: dict[str, int]) -> None:
        self._shop = shop
        self._ports = ports
        self._runs: list[Sipp] = []

    def answers(self, scenario: str, host: str = FIRST) -> Sipp:
        """Wait for a call where the switch sends calls out."""
        return self._run(scenario, host, self._ports[host]).answers()

    def calls(self, scenario: str) -> Sipp:
        """Call the representative number."""
        run = self._run(scenario, FIRST, free_port(FIRST))
        return run.calls(MAIN, self._shop.daemon.addresses["udp"])

    def close(self) -> None:
        """End all of them."""
        for run in self._runs:
            run.close()

    def _run(self, scenario: str, host: str, port: int) -> Sipp:
        self._runs.append(Sipp(self._shop.office.folder, scenario, host, port))
        return self._runs[-1]


@pytest.fixture
def carrier(shop: Shop, ports: dict[str, int]) -> Iterator[Carriers]:
    """Lend the carriers."""
    carriers = Carriers(shop, ports)
    yield carriers
    carriers.close()


@pytest.fixture
def foreign(shop: Shop, ports: dict[str, int]) -> Softphone:
    """Take a softphone into use as somebody outside, at a carrier's address."""
    host, port = shop.daemon.addresses["udp"]
    settings = Settings(ELSEWHERE, "", host, port, local=FOREIGN, registers=False)
    return shop.office.phone("pjsua", msgspec.structs.replace(settings, local_port=ports[FOREIGN]))


def ring(*phones: Softphone) -> None:
    """Wait until all of them ring."""
    for phone in phones:
        phone.wait("incoming")


def take(phone: Softphone) -> None:
    """Answer the call that rings."""
    phone.answer()
    phone.wait("established")


def hears_its_echo(phone: Softphone) -> None:
    """Check that the carrier hears the phone, and the phone the carrier: SIPp sends back all."""
    phone.play(LOW)
    heard = [phone.hear(0.4)]
    while not heard[-1].is_tone(LOW):
        assert len(heard) < 3, f"{phone!r} heard {heard}"
        heard.append(phone.hear(0.4))


def header(message: str, name: str) -> str:
    """Give the value of a header field; empty when there is none."""
    values = (line.partition(": ") for line in message.splitlines())
    return next((value for field, _, value in values if field == name), "")


def test_the_fixed_phones_ring_alone_and_one_takes_the_call(
    shop: Shop, since: float, begin: int, carrier: Carriers
) -> None:
    far = carrier.calls("calls_until_bye")
    ring(shop.desk)
    shown = shop.counter.wait("incoming").text
    assert shown.startswith('"Shop 0399999999" <sip:0399999999@'), shown
    take(shop.counter)
    shop.desk.wait("closed")
    cancelled = shop.sent("CANCEL", since)
    assert list(cancelled) == [shop.flow(shop.desk)]
    reason = header(cancelled[shop.flow(shop.desk)], "Reason")
    assert reason == 'SIP;cause=200;text="Call completed elsewhere"'
    hears_its_echo(shop.counter)
    assert shop.is_silent(shop.sato, shop.suzuki, since=since)
    shop.counter.hang_up()
    assert far.succeeds()
    call_id = str(story(shop.daemon, begin)[0]["call_id"])
    told = {record.device: record.cause for record in shop.daemon.records(call_id, 3)}
    assert told == {None: "normal", "102": "normal", "101": "completed_elsewhere"}


def test_the_apps_ring_when_no_fixed_phone_is_registered(
    shop: Shop, begin: int, foreign: Softphone
) -> None:
    shop.desk.unregister()
    shop.counter.unregister()
    foreign.call(MAIN)
    ring(shop.sato, shop.suzuki)
    foreign.wait("ringing")
    foreign.play(LOW)
    shop.sato.play(HIGH)
    take(shop.sato)
    foreign.wait("established")
    shop.suzuki.wait("closed")
    hear_each_other(foreign, shop.sato)
    end(foreign, shop.sato)
    story(shop.daemon, begin)


def test_a_fixed_phone_switched_off_for_the_number_leaves_the_next_call_to_the_others(
    shop: Shop, since: float, foreign: Softphone
) -> None:
    with shop.given("101", "--rings", f"{MAIN}=off", f"{MAIN}=on"):
        foreign.call(MAIN)
        ring(shop.counter)
        foreign.hang_up()
        foreign.wait("closed")
        shop.counter.wait("closed")
        assert shop.is_silent(shop.desk, shop.sato, shop.suzuki, since=since)
        with shop.given("102", "--rings", f"{MAIN}=off", f"{MAIN}=on"):
            now = local_now()
            foreign.call(MAIN)
            ring(shop.sato, shop.suzuki)
            foreign.hang_up()
            foreign.wait("closed")
            assert shop.is_silent(shop.desk, shop.counter, since=now)
    foreign.call(MAIN)
    ring(shop.desk, shop.counter)


def test_the_apps_ring_when_the_fixed_phone_has_lost_its_power(
    shop: Shop, begin: int, carrier: Carriers
) -> None:
    shop.counter.unregister()
    shop.office.registered("baresip", "101").vanish()
    far = carrier.calls("calls_until_bye")
    ring(shop.sato, shop.suzuki)
    take(shop.suzuki)
    hears_its_echo(shop.suzuki)
    shop.suzuki.hang_up()
    assert far.succeeds()
    assert "leg_silent" in {line["event"] for line in story(shop.daemon, begin)}
    shop.desk.register()


def test_an_app_that_registers_while_the_fixed_phones_ring_may_take_the_call(
    shop: Shop, since: float, begin: int, foreign: Softphone
) -> None:
    shop.suzuki.unregister()
    foreign.call(MAIN)
    ring(shop.desk, shop.counter)
    shop.suzuki.register()
    ring(shop.suzuki)
    foreign.play(LOW)
    shop.suzuki.play(HIGH)
    take(shop.suzuki)
    foreign.wait("established")
    for phone in (shop.desk, shop.counter):
        phone.wait("closed")
    hear_each_other(foreign, shop.suzuki)
    end(shop.suzuki, foreign)
    assert shop.is_silent(shop.sato, since=since)
    assert "leg_joined" in {line["event"] for line in story(shop.daemon, begin)}


def test_as_many_calls_as_ids_are_held_and_one_more_hears_busy_until_one_ends(
    shop: Shop, begin: int, carrier: Carriers
) -> None:
    held = []
    for _ in KINDS:
        held.append(carrier.calls("calls_until_bye"))
        ring(shop.counter)
        take(shop.counter)
    assert carrier.calls("calls_is_busy").succeeds()
    refused = shop.daemon.wait_line("call_refused", after=begin)
    assert (refused["status"], refused["reason"]) == (486, "channels_full")
    shop.counter.hang_up()
    assert held.pop().succeeds()
    held.append(carrier.calls("calls_until_bye"))
    ring(shop.counter)
    take(shop.counter)
    shop.counter.abandon()
    assert all(far.succeeds() for far in held)


def test_a_call_out_presents_the_direct_number_or_the_representative_one_by_setting(
    shop: Shop, carrier: Carriers
) -> None:
    assert identities(shop.desk, carrier, ELSEWHERE) == (number("101"), number("101"), "")
    with shop.given("101", "--caller-id", MAIN, "direct"):
        assert identities(shop.desk, carrier, ELSEWHERE) == (MAIN, MAIN, "")
    assert identities(shop.desk, carrier, ELSEWHERE) == (number("101"), number("101"), "")


def test_184_withholds_the_number_from_all_but_the_carrier(shop: Shop, carrier: Carriers) -> None:
    shown = identities(shop.counter, carrier, f"184{ELSEWHERE}")
    assert shown == ("anonymous", number("102"), "id")


def identities(phone: Softphone, carrier: Carriers, called: str) -> tuple[str, str, str]:
    """Call out; give the users of From and P-Asserted-Identity, and Privacy, as SIPp read them."""
    far = carrier.answers("takes_any_call")
    phone.call(called)
    phone.wait("established")
    phone.hang_up()
    phone.wait("closed")
    assert far.succeeds()
    invite = far.received("INVITE")
    assert f"INVITE sip:{ELSEWHERE}@" in invite
    users = [
        header(invite, name).partition("sip:")[2].partition("@")[0]
        for name in ("From", "P-Asserted-Identity")
    ]
    return users[0], users[1], header(invite, "Privacy")


def test_a_phone_cannot_present_another_contracts_number(
    shop: Shop, begin: int, since: float
) -> None:
    settings = shop.office.settings("104")
    neighbour = number(str(NEIGHBOURS[0]))
    liar = shop.office.phone("pjsua", msgspec.structs.replace(settings, claims=neighbour))
    liar.call(ELSEWHERE)
    assert liar.wait("closed").status == 403
    refused = shop.daemon.wait_line("call_refused", after=begin)
    assert refused["reason"] == "foreign_caller"
    assert not shop.sent("INVITE", since)


def test_the_next_carrier_takes_what_one_cannot(shop: Shop, begin: int, carrier: Carriers) -> None:
    frail, first = carrier.answers("is_out_of_service", FRAIL), carrier.answers("answers")
    shop.desk.call(OUTSIDE)
    shop.desk.wait("established")
    hears_its_echo(shop.desk)
    shop.desk.hang_up()
    assert frail.succeeds()
    assert first.succeeds()
    call_id = str(story(shop.daemon, begin)[0]["call_id"])
    told = {(each.trunk, each.status) for each in shop.daemon.records(call_id, 3)}
    assert told == {(None, 200), ("frail", 503), ("first", 200)}


def test_a_carrier_that_has_rung_the_called_party_is_the_last_one_tried(
    shop: Shop, since: float, carrier: Carriers
) -> None:
    weary = carrier.answers("rings_and_fails", WEARY)
    shop.desk.call(TO_WEARY)
    # A 503 is never passed on: it would speak of the switch itself (RFC 3261 section 16.7 step 6).
    assert shop.desk.wait("closed").status == 500
    assert weary.succeeds()
    (flow,) = shop.sent("INVITE", since)
    assert WEARY in flow


def test_the_operator_reads_why_a_call_rang_where_it_did(
    shop: Shop, begin: int, foreign: Softphone
) -> None:
    foreign.call(MAIN)
    ring(shop.desk, shop.counter)
    foreign.hang_up()
    call_id = str(story(shop.daemon, begin, "cancelled")[0]["call_id"])
    asked = ("--from", ELSEWHERE, "--to", MAIN, "--source", "foreign", "--lang", "en")
    why = shop.daemon.ask("call", "why", call_id, "--lang", "en").decode()
    for told in (shop.daemon.ask("explain", *asked).decode(), why):
        assert "The fixed phones ring alone (101, 102); the apps (103, 104) only if" in told
        assert f"{MAIN} has a channel left: 0 of 4 are taken." in told
    assert re.search(r"^Called: 101 \(\w+\), 102 \(\w+\)\.$", why, re.MULTILINE), why
