"""Hold and resume by re-INVITE: music while it lasts, the other again after it, on both stacks."""

import pytest

from tests.interop.support.conversation import HIGH, LOW, connect, end, hear_each_other
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone


@pytest.mark.parametrize("is_first", [True, False], ids=["by the caller", "by the callee"])
@pytest.mark.parametrize("turn", ["baresip calls", "pjsua calls"])
def test_who_is_held_hears_music_and_the_other_again_when_resumed(
    office: Office, baresip: Softphone, pjsua: Softphone, turn: str, *, is_first: bool
) -> None:
    del office
    caller, callee = (baresip, pjsua) if turn == "baresip calls" else (pjsua, baresip)
    connect(caller, callee)
    hear_each_other(caller, callee, seconds=0.3)
    holder, held = (caller, callee) if is_first else (callee, caller)
    holder.hold()
    assert held.hears_music(LOW, HIGH)
    holder.resume()
    hear_each_other(caller, callee)
    end(caller, callee)


def test_a_call_can_be_held_and_resumed_many_times(
    office: Office, baresip: Softphone, pjsua: Softphone
) -> None:
    del office
    connect(baresip, pjsua)
    for holder in (baresip, pjsua) * 3:
        hear_each_other(baresip, pjsua, seconds=0.3)  # pjsua settles its codec meanwhile
        holder.hold()
        holder.resume()
    hear_each_other(baresip, pjsua)
    end(pjsua, baresip)


def test_a_held_call_can_be_hung_up(office: Office, baresip: Softphone, pjsua: Softphone) -> None:
    del office
    for holder, held in ((baresip, pjsua), (pjsua, baresip)):
        connect(holder, held)
        holder.hold()
        end(held, holder)


def test_two_calls_do_not_hear_each_other(
    office: Office, baresip: Softphone, pjsua: Softphone
) -> None:
    third, fourth = office.registered("baresip", "103"), office.registered("pjsua", "104")
    connect(baresip, pjsua)
    connect(third, fourth)
    third.play(350)
    fourth.play(880)
    listeners = [phone.listen() for phone in (baresip, pjsua, third, fourth)]
    for phone, listener, pitch in zip(
        (baresip, pjsua, third, fourth), listeners, (HIGH, LOW, 880, 350), strict=True
    ):
        heard = listener()
        assert heard.is_tone(pitch), f"{phone!r} heard {heard}"
    end(baresip, pjsua)
    end(fourth, third)
