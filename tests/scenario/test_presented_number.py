"""Which number a call presents, and which called number a phone is shown (R16, R24, R25, R40)."""

import pytest

from routing.device import CalledDisplay
from switch.sip.message import Request
from tests.support.incoming_call import IncomingCall
from tests.support.office import HEAD, HEAD_DIALLED, office, office_world, shared, staff
from tests.support.phone import SimulatedPhone
from tests.support.switch import World


def sharing(caller_id: str | None = None, display: CalledDisplay | None = None) -> World:
    """Let two phones share the number; the first has a setting of its own."""
    shown = display or CalledDisplay.DISPLAY_NAME
    devices = [staff("desk", caller_id=caller_id, display=shown), staff("lobby")]
    customer = office(shared(HEAD, "desk", silent=["lobby"]), devices=devices)
    return office_world(customer, "desk", "lobby", "neighbour")


def invite_of(phone: SimulatedPhone) -> Request:
    """Return the INVITE that came last."""
    call = phone.calls[-1]
    assert isinstance(call, IncomingCall)
    return call.invite


def presented(world: World, fields: tuple[tuple[str, str], ...] = (), called: str = "") -> str:
    """Call out, and return the number that the carrier is told."""
    call = world.phones["desk"].call(called or "0398761234", fields=fields)
    world.run(4)
    call.hang_up()
    world.run(1)
    return invite_of(world.carrier_1).first("p-asserted-identity") or ""


def test_a_device_presents_its_direct_number_by_default() -> None:
    world = sharing()
    assert "+81312340201" in presented(world)
    assert "+81312340201" in str(invite_of(world.carrier_1).from_)
    world.expect_clean()


def test_a_device_whose_setting_says_so_presents_the_representative_number() -> None:
    world = sharing(caller_id=HEAD)
    assert HEAD in presented(world)
    assert "+81312340201" not in str(invite_of(world.carrier_1).octets())
    world.expect_clean()


def test_a_device_may_choose_a_number_of_its_own_for_one_call() -> None:
    world = sharing()
    wish = (("P-Preferred-Identity", f"<sip:{HEAD_DIALLED}@example.test>"),)
    assert HEAD in presented(world, wish)
    assert "+81312340201" in presented(world)


def test_a_device_may_choose_its_direct_number_over_its_setting_for_one_call() -> None:
    world = sharing(caller_id=HEAD)
    wish = (("P-Preferred-Identity", "<sip:0312340201@example.test>"),)
    assert "+81312340201" in presented(world, wish)


def test_a_device_cannot_present_another_contracts_number() -> None:
    world = sharing()
    wish = (("P-Preferred-Identity", "<sip:0312340901@example.test>"),)
    call = world.phones["desk"].call("0398761234", fields=wish)
    world.run(2)
    assert (call.final, world.carrier_1.calls) == (403, [])
    assert world.switch.logged("call_refused")[0].fields["reason"] == "foreign_caller"
    world.expect_clean()


def test_a_device_cannot_present_what_nobody_here_holds() -> None:
    world = sharing()
    assert "+81312340201" in presented(
        world, (("P-Preferred-Identity", "<sip:0311112222@example.test>"),)
    )


@pytest.mark.parametrize("caller_id", [None, HEAD])
def test_184_withholds_whichever_number_is_presented(caller_id: str | None) -> None:
    world = sharing(caller_id=caller_id)
    assert (caller_id or "+81312340201") in presented(world, called="1840398761234")
    invite = invite_of(world.carrier_1)
    assert "anonymous" in str(invite.from_)
    assert invite.first("privacy") == "id"


def test_a_phone_is_shown_the_name_of_the_called_number_before_the_caller() -> None:
    world = sharing()
    call = world.carrier_1.call_in(HEAD_DIALLED, caller="0398761234")
    world.run(1)
    invite = invite_of(world.phones["desk"])
    assert (
        invite.from_.display_name.encode("utf-8", "surrogateescape").decode() == "本社 0398761234"
    )
    assert invite.from_.uri == "sip:0398761234@example.test"
    assert invite.to.uri == "sip:0398765000@example.test"
    call.hang_up()
    world.expect_clean()


def test_the_name_of_the_called_number_stands_before_a_caller_who_is_not_shown() -> None:
    world = sharing()
    call = world.carrier_1.call_in(HEAD_DIALLED, fields=(("Privacy", "id"),))
    world.run(1)
    invite = invite_of(world.phones["desk"])
    shown = invite.from_.display_name.encode("utf-8", "surrogateescape").decode()
    assert (shown, invite.from_.uri) == ("本社 Anonymous", "sip:anonymous@anonymous.invalid")
    assert b"09012345678" not in invite.octets()
    call.hang_up()
    world.expect_clean()


def test_a_phone_whose_profile_wants_it_is_told_the_called_number_by_header() -> None:
    world = sharing(display=CalledDisplay.HEADER)
    call = world.carrier_1.call_in(HEAD_DIALLED, caller="0398761234")
    world.run(1)
    invite = invite_of(world.phones["desk"])
    assert invite.from_.display_name == ""
    assert "<sip:0398765000@example.test>" in (invite.first("p-called-party-id") or "")
    assert invite.first("alert-info") == "<http://127.0.0.1>;info=0398765000"
    call.hang_up()
    world.expect_clean()


def test_a_phone_whose_profile_wants_nothing_is_shown_the_caller_alone() -> None:
    world = sharing(display=CalledDisplay.NONE)
    call = world.carrier_1.call_in(HEAD_DIALLED, caller="0398761234")
    world.run(1)
    invite = invite_of(world.phones["desk"])
    assert invite.from_.display_name == ""
    assert invite.first("p-called-party-id") is None
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("display", [CalledDisplay.DISPLAY_NAME, CalledDisplay.HEADER])
def test_a_call_to_the_direct_number_shows_the_caller_alone(display: CalledDisplay) -> None:
    world = sharing(display=display)
    call = world.carrier_1.call_in("0312340201", caller="0398761234")
    world.run(1)
    invite = invite_of(world.phones["desk"])
    assert (invite.from_.display_name, invite.to.uri) == ("", "sip:0312340201@example.test")
    assert invite.first("p-called-party-id") is None
    call.hang_up()
    world.expect_clean()


def test_an_extension_shows_the_colleagues_name_and_extension() -> None:
    world = sharing(caller_id=HEAD)
    call = world.phones["desk"].call("202")
    world.run(1)
    invite = invite_of(world.phones["lobby"])
    assert (invite.from_.display_name, invite.from_.uri) == ("Desk", "sip:201@example.test")
    assert invite.to.uri == "sip:202@example.test"
    call.hang_up()
    world.expect_clean()


def test_another_contracts_phone_sees_the_representative_number_and_its_name() -> None:
    world = sharing(caller_id=HEAD)
    call = world.phones["desk"].call("0312340901")
    world.run(1)
    invite = invite_of(world.phones["neighbour"])
    assert invite.from_.uri == "sip:0398765000@example.test"
    assert invite.from_.display_name.encode("utf-8", "surrogateescape").decode() == "本社"
    call.hang_up()
    world.expect_clean()
