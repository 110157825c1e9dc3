"""Hold and resume (RFC 3665 section 3.7, RFC 3264 section 8.4): a matter of the holder's own side.

The switch answers the holder itself, and the other side, which hears nothing of it, hears music.
"""

from dataclasses import replace

import pytest

from tests.support.call import SimulatedCall
from tests.support.manner import Habits
from tests.support.network import Link
from tests.support.phone import SimulatedPhone
from tests.support.switch import World

WAYS = ("sendonly", "inactive", "0.0.0.0")  # noqa: S104 - how phones of RFC 2543 hold
ANSWERED = {"sendonly": "recvonly", "inactive": "inactive", WAYS[2]: "recvonly"}


def talking(world: World) -> tuple[SimulatedCall, SimulatedCall]:
    """Let alice call bob, and both talk."""
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    callee = world.bob.calls[0]
    assert (world.hears(call), world.hears(callee)) == ("bob", "alice")
    world.begin()
    return call, callee


def requests_to(world: World, phone: SimulatedPhone) -> list[bytes]:
    """Return the requests that a phone has received since it was called."""
    received = [each.octets for each in world.network.passages if each.destination == phone.name]
    requests = [each for each in received if not each.startswith(b"SIP/2.0")]
    return [each.split(b" ")[0] for each in requests if not each.startswith(b"ACK")]


def test_a_caller_holds_and_resumes_while_the_called_phone_hears_music_and_no_request() -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    assert (call.remote and call.remote.direction) == "recvonly"
    assert world.talks(call, callee) == (False, False)
    assert (world.hears(call), world.hears(callee)) == (None, "music")
    call.resume()
    world.run(1)
    assert (call.remote and call.remote.direction) == "sendrecv"
    assert world.talks(call, callee) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |<-200 INVITE sdp---|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    1.000
          |<-200 INVITE sdp---|                   |    1.010
          |--ACK------------->|                   |    1.020
    """,
    )
    assert [log.fields["leg"] for log in world.switch.logged("call_held")] == ["a"]
    assert [log.fields["leg"] for log in world.switch.logged("call_resumed")] == ["a"]
    call.hang_up()
    world.expect_clean()


def test_a_called_phone_holds_and_resumes_while_the_caller_hears_music_and_no_request() -> None:
    world = World()
    call, callee = talking(world)
    callee.hold()
    world.run(1)
    assert (world.hears(call), world.hears(callee)) == ("music", None)
    callee.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |                   |<-INVITE sdp-------|    0.000
          |                   |--200 INVITE sdp-->|    0.010
          |                   |<-ACK--------------|    0.020
          |                   |<-INVITE sdp-------|    1.000
          |                   |--200 INVITE sdp-->|    1.010
          |                   |<-ACK--------------|    1.020
    """,
    )
    callee.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_callers", [True, False])
def test_whatever_way_of_holding_a_phone_has_the_other_side_hears_music(
    way: str, *, is_callers: bool
) -> None:
    world = World()
    holder, other = talking(world) if is_callers else reversed(talking(world))
    holder.hold(way)
    world.run(1)
    assert holder.reinvite_statuses == [200]
    assert (holder.remote and holder.remote.direction) == ANSWERED[way]
    assert (world.hears(holder), world.hears(other)) == (None, "music")
    holder.resume()
    world.run(1)
    assert holder.reinvite_statuses == [200, 200]
    assert world.talks(holder, other) == (True, True)
    assert "INVITE" not in other.requests
    holder.hang_up()
    world.expect_clean()


def test_a_hold_by_update_stays_on_its_own_side_as_well() -> None:
    world = World()
    call, callee = talking(world)
    call.update(direction="sendonly")
    world.run(1)
    assert (world.hears(call), world.hears(callee)) == (None, "music")
    call.update(direction="sendrecv")
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--UPDATE sdp------>|                   |    0.000
          |<-200 UPDATE sdp---|                   |    0.010
          |--UPDATE sdp------>|                   |    1.000
          |<-200 UPDATE sdp---|                   |    1.010
    """,
    )
    call.hang_up()
    world.expect_clean()


def test_a_hold_is_answered_although_the_other_phone_refuses_every_change() -> None:
    world = World()
    world.bob.habits = Habits(answers_updates=False)
    call, callee = talking(world)
    call.hold()
    world.run(1)
    call.resume()
    world.run(1)
    assert call.reinvite_statuses == [200, 200]
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_hold_while_held_goes_on_with_the_same_music() -> None:
    world = World()
    call, callee = talking(world)
    for way in ("sendonly", "inactive", "sendonly"):
        call.hold(way)
        world.run(1)
        assert world.hears(callee) == "music"
    assert call.reinvite_statuses == [200, 200, 200]
    assert len(world.switch.logged("call_held")) == 1
    assert [type(each).__name__ for each in world.switch.media.commands] == ["Terminate", "Play"]
    call.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    assert callee.requests == []
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("first_resumes_first", [True, False])
def test_both_sides_hold_and_talk_again_when_both_have_resumed(
    *, first_resumes_first: bool
) -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    callee.hold()
    world.run(1)
    assert (world.hears(call), world.hears(callee)) == (None, None)
    early, late = (call, callee) if first_resumes_first else (callee, call)
    early.resume()
    world.run(1)
    assert (world.hears(early), world.hears(late)) == ("music", None)
    late.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    assert (callee.requests, requests_to(world, world.alice)) == ([], [])
    call.hang_up()
    world.expect_clean()


def test_both_sides_hold_at_the_same_time_without_glare() -> None:
    world = World()
    call, callee = talking(world)
    for act in (SimulatedCall.hold, SimulatedCall.resume):
        act(call)
        act(callee)
        world.run(1)
    assert call.reinvite_statuses == callee.reinvite_statuses == [200, 200]
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("is_carriers", [True, False])
def test_a_hold_in_a_trunk_call_does_not_cross_the_switch(*, is_carriers: bool) -> None:
    world = World()
    world.register("alice")
    call = world.alice.call("0398765432")
    world.run(4)
    callee = world.carrier_1.calls[0]
    holder, other = (callee, call) if is_carriers else (call, callee)
    for way in WAYS:
        holder.hold(way)
        world.run(1)
        assert (world.hears(holder), world.hears(other)) == (None, "music")
        holder.resume()
        world.run(1)
        assert world.talks(call, callee) == (True, True)
    assert holder.reinvite_statuses == [200] * 6
    assert other.requests == []
    call.hang_up()
    world.expect_clean()


def test_a_called_phone_holds_a_call_of_the_public_network() -> None:
    world = World()
    world.register("alice")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    world.alice.calls[0].hold()
    world.run(1)
    assert (world.hears(call), call.requests) == ("music", [])
    world.alice.calls[0].resume()
    world.run(1)
    assert world.talks(call, world.alice.calls[0]) == (True, True)
    call.hang_up()
    world.expect_clean()


@pytest.mark.parametrize("is_holder", [True, False])
def test_either_side_hangs_up_while_held(*, is_holder: bool) -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    (call if is_holder else callee).hang_up()
    world.run(1)
    assert (callee if is_holder else call).ended_by == "them"
    world.expect_clean()


def test_a_hold_whose_messages_are_lost_is_repeated_and_answered_once() -> None:
    world = World()
    call, callee = talking(world)
    world.network.lose("alice", "switch", "INVITE")
    world.network.lose("switch", "alice", "200")
    call.hold()
    world.run(5)
    assert (call.reinvite_statuses, world.hears(callee)) == ([200], "music")
    assert len(world.switch.logged("call_held")) == 1
    call.hang_up()
    world.expect_clean()


def test_a_resumption_with_other_codecs_is_asked_of_the_other_side() -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    call.local = replace(call.local, payloads=(0, 8))
    call.resume()
    world.run(1)
    assert callee.requests == ["INVITE"]
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_holder_that_changes_codecs_talks_again_when_it_resumes() -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    call.recode((0, 8))
    world.run(1)
    assert world.hears(callee) == "music"
    call.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_held_phone_that_changes_codecs_talks_again_when_it_is_taken_back() -> None:
    world = World()
    call, callee = talking(world)
    call.hold()
    world.run(1)
    callee.recode((0, 8))
    world.run(1)
    assert world.hears(callee) == "music"
    call.resume()
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()


def test_a_change_without_offer_while_held_ends_the_hold() -> None:
    world = World()
    call, callee = talking(world)
    call.hold("inactive")
    world.run(1)
    call.local = replace(call.local, direction="sendrecv")
    call.reinvite(described=False)
    world.run(1)
    assert world.talks(call, callee) == (True, True)
    assert len(world.switch.logged("call_resumed")) == 1
    call.hang_up()
    world.expect_clean()


def test_a_hold_that_crosses_a_change_of_the_other_side_comes_to_be_later() -> None:
    world = World()
    call, callee = talking(world)
    world.network.set_link("switch", "alice", Link(delay=0.2))
    callee.recode((0, 8))
    world.run(0.05)
    call.hold()
    world.run(8)
    assert (call.reinvite_statuses, callee.reinvite_statuses) == ([491, 200], [491, 200])
    assert world.hears(callee) == "music"
    call.hang_up()
    world.expect_clean()


def test_a_change_of_codecs_that_the_other_side_refuses_leaves_the_call_as_it_was() -> None:
    world = World()
    world.bob.habits = Habits(answers_updates=False)
    call, _ = talking(world)
    call.recode()
    world.run(1)
    assert call.reinvite_statuses == [488]
    assert call.is_established
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.010
          |                   |<-488 INVITE-------|    0.020
          |                   |--ACK------------->|    0.030
          |<-488 INVITE-------|                   |    0.030
          |--ACK------------->|                   |    0.040
    """,
    )
    call.hang_up()
    world.expect_clean()


def test_a_reinvite_without_offer_asks_the_other_side() -> None:
    world = World()
    call, callee = talking(world)
    call.reinvite(described=False)
    world.run(1)
    assert call.reinvite_statuses == [200]
    assert world.talks(call, callee) == (True, True)
    world.expect(
        "alice switch bob",
        """
        alice               switch              bob
          |--INVITE---------->|                   |    0.000
          |                   |--INVITE---------->|    0.010
          |                   |<-200 INVITE sdp---|    0.020
          |<-200 INVITE sdp---|                   |    0.030
          |--ACK sdp--------->|                   |    0.040
          |                   |--ACK sdp--------->|    0.050
    """,
    )
    call.hang_up()
    world.expect_clean()


def test_a_change_of_the_held_phone_may_overtake_the_ack_of_the_hold() -> None:
    world = World()
    call, callee = talking(world)
    world.network.set_link("switch", "bob", Link(delay=0.2))
    callee.hold()
    world.run(0.3)
    call.recode(method="UPDATE")
    world.run(2)
    assert call.is_established
    assert world.hears(call) == "music"
    callee.resume()
    world.run(2)
    assert world.talks(call, callee) == (True, True)
    call.hang_up()
    world.expect_clean()
