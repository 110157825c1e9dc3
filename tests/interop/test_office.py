"""The office's features as two foreign stacks and one-touch keys use them: whoever stays is heard.

Transfers, parking and pickup by softphones; the keys of fixed phones and their lamps by SIPp.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.interop.conftest import check_quiet, local_now, tell
from tests.interop.support.conversation import HIGH, LOW, connect, end, hear_each_other
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone, SoftphoneError

STACKS = {"101": "baresip", "102": "pjsua", "103": "baresip", "104": "pjsua"}


@dataclass(frozen=True, slots=True)
class Desks:
    """Four phones of one contract: two of each stack."""

    office: Office
    phones: dict[str, Softphone]

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
