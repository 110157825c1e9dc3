"""The office's features as two foreign stacks and one-touch keys use them: whoever stays is heard.

Transfers, parking and pickup by softphones; the keys of fixed phones and their lamps by SIPp.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.interop.conftest import check_quiet, local_now, tell
from tests.interop.support.conversation import HIGH, LOW, connect, end, hear_each_other
from tests.interop.support.office import IDS, Office, password
from tests.interop.support.sipp import PROGRAM, Sipp, free_port
from tests.interop.support.softphone import Softphone, SoftphoneError

STACKS = {"101": "baresip", "102": "pjsua", "103": "baresip", "104": "pjsua"}


@dataclass(frozen=True, slots=True)
class Desks:
    """Four phones of one contract: two of each stack."""

    office: Office
    phones: dict[str, Softphone]

    @contextmanager
    def runs(self, scenario: str, called: str) -> Iterator[Sipp]:
        """Let SIPp do this as an ID whose own phone is unplugged."""
        folder, host, user = self.office.folder, "127.0.0.1", "105"
        run = Sipp(folder, scenario, host, free_port(host))
        try:
            yield run.asks(user, password(user), called, self.office.daemon.addresses["udp"])
        finally:
            run.close()

    def of(self, stack: str) -> tuple[Softphone, Softphone, Softphone]:
        """Give a phone of a stack, and one of each to talk to it: the other stack first."""
        first, *rest = sorted(self.phones.values(), key=lambda phone: phone.kind != stack)
        same, other, _ = rest
        return first, other, same


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """Run a switch, and register the phones."""
    office = Office(tmp_path_factory.mktemp("desks"), algorithms=("MD5",)).start()
    try:
        yield Desks(office, {user: office.registered(kind, user) for user, kind in STACKS.items()})
    finally:
        office.close()


@pytest.fixture
def desks(opened: Desks) -> Iterator[Desks]:
    """Lend the phones; nothing is left in the switch after the test."""
    daemon = opened.office.daemon
    begin, since = len(daemon.lines), local_now()
    for phone in opened.phones.values():
        phone.forget()
        phone.play(0)
    yield opened
    for phone in opened.phones.values():
        phone.abandon()
    tell(daemon, begin, since)
    check_quiet(daemon, begin)


with_sipp = pytest.mark.skipif(PROGRAM is None, reason="sipp (Debian's sip-tester) is missing")
by_both = pytest.mark.parametrize("stack", ["baresip", "pjsua"])


def talk(caller: Softphone, callee: Softphone) -> None:
    """Connect two phones, and wait until neither changes the session any more."""
    connect(caller, callee)
    hear_each_other(caller, callee, seconds=0.3)


def take(callee: Softphone) -> None:
    """Answer the call that rings, with its tone."""
    callee.play(HIGH)
    callee.wait("incoming")
    callee.answer()
    callee.wait("established")


def fetch(fetcher: Softphone, code: str) -> None:
    """Dial a code that somebody is behind, with its tone."""
    fetcher.play(HIGH)
    fetcher.call(code)
    fetcher.wait("established")


@by_both
def test_a_blind_transfer_connects_who_is_led_on(desks: Desks, stack: str) -> None:
    leaver, caller, target = desks.of(stack)
    talk(caller, leaver)
    transferred = leaver.transfer(target.user)
    take(target)
    transferred()
    leaver.wait("closed")
    hear_each_other(caller, target)
    end(target, caller)


@by_both
def test_who_is_led_on_hears_music_while_the_target_rings(desks: Desks, stack: str) -> None:
    leaver, caller, target = desks.of(stack)
    talk(caller, leaver)
    transferred = leaver.transfer(target.user)
    target.wait("incoming")
    assert caller.hears_music(HIGH)
    target.refuse(486)
    with pytest.raises(SoftphoneError):
        transferred()
    hear_each_other(caller, leaver)
    end(caller, leaver)


@by_both
def test_an_attended_transfer_connects_the_two_who_were_talked_to(desks: Desks, stack: str) -> None:
    leaver, caller, target = desks.of(stack)
    talk(caller, leaver)
    leaver.hold()
    assert caller.hears_music(HIGH)
    leaver.call(target.user)
    take(target)
    leaver.wait("established")
    leaver.attend()
    leaver.wait("closed")
    leaver.wait("closed")
    hear_each_other(caller, target)
    end(caller, target)


@by_both
@pytest.mark.parametrize("code", ["*1", "*0"])
def test_a_held_call_is_parked_by_code_and_fetched_elsewhere(
    desks: Desks, stack: str, code: str
) -> None:
    parker, caller, fetcher = desks.of(stack)
    talk(caller, parker)
    parker.hold()
    parker.call(code)
    parker.wait("closed")
    assert caller.hears_music(HIGH)
    parker.wait("closed")
    fetch(fetcher, "*1")
    hear_each_other(caller, fetcher)
    end(caller, fetcher)


@by_both
def test_a_call_is_parked_by_transfer_and_fetched_elsewhere(desks: Desks, stack: str) -> None:
    parker, caller, fetcher = desks.of(stack)
    talk(caller, parker)
    parker.transfer("*1")()
    parker.wait("closed")
    assert caller.hears_music(HIGH)
    fetch(fetcher, "*1")
    hear_each_other(caller, fetcher)
    end(fetcher, caller)


@by_both
@pytest.mark.parametrize("directed", [False, True], ids=["of the group", "of an extension"])
def test_a_call_that_rings_elsewhere_is_picked_up(
    desks: Desks, stack: str, *, directed: bool
) -> None:
    taker, caller, rung = desks.of(stack)
    caller.play(LOW)
    caller.call(rung.user)
    rung.wait("incoming")
    fetch(taker, f"**{rung.user}" if directed else "**")
    rung.wait("closed")
    caller.wait("established")
    hear_each_other(caller, taker)
    end(caller, taker)


@with_sipp
def test_the_park_key_of_a_grandstream_phone_transfers_to_the_slot(desks: Desks) -> None:
    stayer, fetcher, _ = desks.of("pjsua")
    stayer.play(LOW)
    with desks.runs("parks_by_refer", stayer.user) as phone:
        stayer.wait("incoming")
        stayer.answer()
        stayer.wait("established")
        assert phone.succeeds()
    assert "SIP/2.0 200" in phone.heard("NOTIFY")[-1]
    assert stayer.hears_music(LOW, HIGH)
    fetch(fetcher, "*1")
    hear_each_other(stayer, fetcher)
    end(fetcher, stayer)


@with_sipp
def test_the_key_of_a_panasonic_phone_calls_the_slot_while_it_holds(desks: Desks) -> None:
    stayer, fetcher, _ = desks.of("pjsua")
    stayer.play(LOW)
    begin = len(desks.office.daemon.lines)
    with desks.runs("calls_and_holds", stayer.user) as held:
        stayer.wait("incoming")
        stayer.answer()
        desks.office.daemon.wait_line("call_held", after=begin)
        with desks.runs("dials", "*1") as key:
            assert held.succeeds()
            assert key.succeeds()
    assert stayer.hears_music(LOW, HIGH)
    fetch(fetcher, "*1")
    hear_each_other(stayer, fetcher)
    end(fetcher, stayer)


@with_sipp
@by_both
def test_a_fixed_phones_lamp_key_picks_up_what_rings(desks: Desks, stack: str) -> None:
    caller, rung, _ = desks.of(stack)
    caller.play(LOW)
    caller.call(rung.user)
    rung.wait("incoming")
    with desks.runs("dials", f"**{rung.user}") as phone:
        rung.wait("closed")
        caller.wait("established")
        assert caller.hear().is_tone(LOW)
        caller.hang_up()
        assert phone.succeeds()


STATES = re.compile(r"<state>(\w+)</state>")


@with_sipp
def test_an_extensions_lamp_tells_of_ringing_talking_and_the_end(desks: Desks) -> None:
    caller, rung, _ = desks.of("baresip")
    with desks.runs("watches", rung.user) as watcher:
        watcher.waits_for("NOTIFY")
        caller.call(rung.user)
        rung.wait("incoming")
        watcher.waits_for("early")
        rung.answer()
        watcher.waits_for("confirmed")
        end(caller, rung)
        assert watcher.succeeds()
        told = watcher.heard("NOTIFY")
    assert [STATES.findall(each) for each in told[:4]] == [
        ["terminated"], ["early"], ["confirmed"], ["terminated"],
    ]  # fmt: skip
    assert all(f'entity="sip:{rung.user}@' in each for each in told)
    assert "Subscription-State: terminated" in told[-1]


@with_sipp
def test_a_slots_lamp_and_the_list_of_lamps_tell_of_who_is_parked(desks: Desks) -> None:
    parker, caller, fetcher = desks.of("pjsua")
    with desks.runs("watches", "*1") as slot, desks.runs("watches", "lamps") as lamps:
        slot.waits_for("NOTIFY")
        lamps.waits_for("NOTIFY")
        connect(caller, parker)
        parker.transfer("*1")()
        parker.wait("closed")
        slot.waits_for("+sip.rendering")
        lamps.waits_for("+sip.rendering")
        fetch(fetcher, "*1")
        end(fetcher, caller)
        assert slot.succeeds()
        assert lamps.succeeds()
        told, listed = slot.heard("NOTIFY"), lamps.heard("NOTIFY")
    assert [STATES.findall(each) for each in told[:3]] == [
        ["terminated"], ["confirmed"], ["terminated"],
    ]  # fmt: skip
    assert f"sip:{caller.user}@" in told[1]
    assert listed[0].count("Content-Type: application/dialog-info+xml") == 9 + len(IDS)
    assert all("application/rlmi+xml" in each for each in listed)
