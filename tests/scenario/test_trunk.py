"""Calls from and to the public network (RFC 3666): in, out, failures, fail-over."""

from dataclasses import replace

import pytest

from routing.customer import plain_customers
from routing.directory import Directory
from routing.trunk import TrunkCredential, TrunkRegistration
from tests.support.manner import BUSY, MUTE, NEVER_ANSWERS, Manner
from tests.support.switch import PHONES, World, device, trunks

BROKEN = Manner(ring_after=None, answer_after=0.0, answer_status=503)


def ready(*names: str, directory: Directory | None = None) -> World:
    world = World(directory=directory)
    world.run(1)
    world.register(*names)
    return world


def test_a_call_from_the_public_network_reaches_a_direct_number() -> None:
    world = ready("alice")
    call = world.carrier_1.call_in("0312340001")
    world.at(5, call.hang_up)
    world.run(7)
    world.expect(
        "carrier-1 switch alice",
        """
        carrier-1           switch              alice
          |--INVITE sdp------>|                   |    0.000
          |                   |--INVITE sdp------>|    0.011
          |                   |<-180 INVITE-------|    0.021
          |<-180 INVITE-------|                   |    0.031
          |                   |<-200 INVITE sdp---|    2.021
          |                   |--ACK------------->|    2.031
          |<-200 INVITE sdp---|                   |    2.031
          |--ACK------------->|                   |    2.041
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    a, b = world.switch.cdrs
    assert (a.trunk, a.device, b.device) == ("carrier-1", None, "alice")
    world.expect_clean()


def test_a_call_to_the_public_network_leaves_by_the_first_trunk() -> None:
    world = ready("alice")
    call = world.alice.call("0398765432")
    world.at(5, call.hang_up)
    world.run(4)
    assert world.talks(call, world.carrier_1.calls[0]) == (True, True)
    world.run(3)
    world.expect(
        "alice switch carrier-1",
        """
        alice               switch              carrier-1
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-180 INVITE-------|    0.041
          |<-180 INVITE-------|                   |    0.051
          |                   |<-200 INVITE sdp---|    2.041
          |                   |--ACK------------->|    2.051
          |<-200 INVITE sdp---|                   |    2.051
          |--ACK------------->|                   |    2.061
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    a, b = world.switch.cdrs
    assert (a.device, b.trunk, b.status) == ("alice", "carrier-1", 200)
    world.expect_clean()


def test_the_carrier_sees_the_direct_number_of_the_caller() -> None:
    world = ready("alice")
    call = world.alice.call("0398765432")
    world.run(4)
    invite = next(
        p.octets
        for p in world.network.passages
        if p.destination == "carrier-1" and p.octets.startswith(b"INVITE")
    )
    assert b"312340001" in invite
    assert b"alice" not in invite
    call.hang_up()
    world.expect_clean()


def test_a_withheld_number_reaches_the_carrier_as_asserted_identity_only() -> None:
    world = ready("alice")
    call = world.alice.call("1840398765432")
    world.run(4)
    invite = next(
        p.octets.decode()
        for p in world.network.passages
        if p.destination == "carrier-1" and p.octets.startswith(b"INVITE")
    )
    fields = dict(line.split(": ", 1) for line in invite.split("\r\n\r\n")[0].split("\r\n")[1:])
    assert "anonymous" in fields["From"].lower()
    assert "312340001" not in fields["From"]
    assert "312340001" in fields["P-Asserted-Identity"]
    assert "id" in fields["Privacy"]
    call.hang_up()
    world.expect_clean()


def test_an_asserted_identity_from_a_phone_is_not_believed() -> None:
    world = ready("alice")
    forged = (("P-Asserted-Identity", "<sip:+81399999999@example.test>"),)
    call = world.alice.call("0398765432", fields=forged)
    world.run(4)
    invite = next(
        p.octets
        for p in world.network.passages
        if p.destination == "carrier-1" and p.octets.startswith(b"INVITE")
    )
    assert b"399999999" not in invite
    call.hang_up()
    world.expect_clean()


def test_a_trunk_that_is_unavailable_is_passed_over_without_the_caller_noticing() -> None:
    world = ready("alice")
    world.carrier_1.manner = BROKEN
    call = world.alice.call("0398765432")
    world.at(5, call.hang_up)
    world.run(7)
    world.expect(
        "alice switch carrier-1 carrier-2",
        """
        alice               switch              carrier-1           carrier-2
          |--INVITE sdp------>|                   |                   |    0.000
          |<-407 INVITE-------|                   |                   |    0.010
          |--ACK------------->|                   |                   |    0.020
          |--INVITE sdp------>|                   |                   |    0.020
          |                   |--INVITE sdp------>|                   |    0.031
          |                   |<-503 INVITE-------|                   |    0.041
          |                   |--ACK------------->|                   |    0.051
          |                   |--INVITE sdp-------------------------->|    0.052
          |                   |<-180 INVITE---------------------------|    0.062
          |<-180 INVITE-------|                   |                   |    0.072
          |                   |<-200 INVITE sdp-----------------------|    2.062
          |                   |--ACK--------------------------------->|    2.072
          |<-200 INVITE sdp---|                   |                   |    2.072
          |--ACK------------->|                   |                   |    2.082
          |--BYE------------->|                   |                   |    5.000
          |<-200 BYE----------|                   |                   |    5.010
          |                   |--BYE--------------------------------->|    5.010
          |                   |<-200 BYE------------------------------|    5.020
    """,
    )
    assert call.final == 200
    assert [cdr.leg for cdr in world.switch.cdrs] == ["a", "b1", "b2"]
    world.expect_clean()


def test_a_trunk_that_does_not_respond_is_passed_over_after_timer_b() -> None:
    world = ready("alice")
    world.carrier_1.manner = MUTE
    call = world.alice.call("0398765432")
    world.run(40)
    assert call.is_established
    assert len(world.carrier_2.calls) == 1
    call.hang_up()
    world.expect_clean()


def test_a_busy_subscriber_is_not_tried_over_another_trunk() -> None:
    world = ready("alice")
    world.carrier_1.manner = BUSY
    call = world.alice.call("0398765432")
    world.run(3)
    assert call.final == 486
    assert world.carrier_2.calls == []
    world.expect_clean()


def test_a_call_fails_when_every_trunk_does() -> None:
    world = ready("alice")
    world.carrier_1.manner = world.carrier_2.manner = BROKEN
    call = world.alice.call("0398765432")
    world.run(3)
    world.expect(
        "alice switch carrier-1 carrier-2",
        """
        alice               switch              carrier-1           carrier-2
          |--INVITE sdp------>|                   |                   |    0.000
          |<-407 INVITE-------|                   |                   |    0.010
          |--ACK------------->|                   |                   |    0.020
          |--INVITE sdp------>|                   |                   |    0.020
          |                   |--INVITE sdp------>|                   |    0.031
          |                   |<-503 INVITE-------|                   |    0.041
          |                   |--ACK------------->|                   |    0.051
          |                   |--INVITE sdp-------------------------->|    0.052
          |                   |<-503 INVITE---------------------------|    0.062
          |                   |--ACK--------------------------------->|    0.072
          |<-500 INVITE-------|                   |                   |    0.072
          |--ACK------------->|                   |                   |    0.082
    """,
    )
    assert call.final is not None
    assert call.final >= 500
    world.expect_clean()


def test_a_number_that_is_not_ours_is_not_found() -> None:
    world = ready()
    call = world.carrier_1.call_in("0300000000")
    world.run(2)
    world.expect(
        "carrier-1 switch",
        """
        carrier-1           switch
          |--INVITE sdp------>|    0.000
          |<-404 INVITE-------|    0.010
          |--ACK------------->|    0.020
    """,
    )
    assert call.final == 404
    world.expect_clean()


@pytest.mark.parametrize("status", [404, 480, 484, 486, 500, 503, 603])
def test_a_carriers_refusal_reaches_the_caller(status: int) -> None:
    world = ready("alice")
    manner = Manner(ring_after=None, answer_after=0.1, answer_status=status)
    world.carrier_1.manner = world.carrier_2.manner = manner
    call = world.alice.call("0398765432")
    world.run(5)
    assert call.final is not None
    assert call.final >= 400
    world.expect_clean()


def test_early_media_of_a_carrier_is_heard() -> None:
    world = ready("alice")
    world.carrier_1.manner = Manner(ring_status=183, ring_described=True)
    call = world.alice.call("0398765432")
    world.run(1)
    assert call.has_early_media
    assert world.talks(call, world.carrier_1.calls[0])[1]
    world.run(3)
    call.hang_up()
    world.expect_clean()


def test_a_caller_of_the_public_network_gives_up() -> None:
    world = ready("alice")
    world.alice.manner = NEVER_ANSWERS
    call = world.carrier_1.call_in("0312340001")
    world.at(3, call.hang_up)
    world.run(5)
    assert call.final == 487
    assert world.alice.calls[0].final == 487
    world.expect_clean()


def test_a_stranger_cannot_call_in_like_a_trunk() -> None:
    world = ready("alice")
    world.dave.credentials.password = "guess"  # noqa: S105 - a wrong one
    call = world.dave.call("sip:0312340001@198.51.100.1:5060")
    world.run(2)
    assert call.final == 407
    assert world.alice.calls == []


def test_trunks_are_pinged_and_one_that_does_not_answer_is_left_out() -> None:
    directory = Directory.build(plain_customers(map(device, PHONES)), trunks(options_interval=30.0))
    world = ready("alice", directory=directory)
    world.network.unplug("carrier-1")
    world.run(300)
    call = world.alice.call("0398765432")
    world.run(3)
    assert call.is_established
    assert len(world.carrier_2.calls) == 1
    world.network.plug_in("carrier-1")
    call.hang_up()
    world.run(300)
    again = world.alice.call("0398765432")
    world.run(3)
    assert again.is_established
    assert len(world.carrier_1.calls) == 1
    again.hang_up()
    world.run(60)
    assert world.witness.violations == []
    assert world.switch.media.endpoints == {}


def registering() -> Directory:
    """Make a directory whose first trunk registers and answers challenges."""
    first, second = trunks()
    credential = TrunkCredential("carrier-1", "line password", "carrier.test")
    registration = TrunkRegistration("0312340000", "carrier.test", expires=600)
    first = replace(first, credential=credential, registration=registration)
    return Directory.build(plain_customers(map(device, PHONES)), (first, second))


def test_a_trunk_that_wants_it_is_registered_with_and_refreshed() -> None:
    world = World(directory=registering(), carrier_password="line password")  # noqa: S106 - simulated
    world.run(1)
    assert len(world.carrier_1.registered) == 1
    world.run(1200)
    assert len(world.carrier_1.registered) >= 3


def test_a_carrier_may_challenge_calls() -> None:
    world = World(directory=registering(), carrier_password="line password")  # noqa: S106 - simulated
    world.run(1)
    world.carrier_1.challenges_calls = True
    world.register("alice")
    call = world.alice.call("0398765432")
    world.at(5, call.hang_up)
    world.run(7)
    world.expect(
        "alice switch carrier-1",
        """
        alice               switch              carrier-1
          |--INVITE sdp------>|                   |    0.000
          |<-407 INVITE-------|                   |    0.010
          |--ACK------------->|                   |    0.020
          |--INVITE sdp------>|                   |    0.020
          |                   |--INVITE sdp------>|    0.031
          |                   |<-407 INVITE-------|    0.041
          |                   |--ACK------------->|    0.051
          |                   |--INVITE sdp------>|    0.051
          |                   |<-180 INVITE-------|    0.061
          |<-180 INVITE-------|                   |    0.071
          |                   |<-200 INVITE sdp---|    2.061
          |                   |--ACK------------->|    2.071
          |<-200 INVITE sdp---|                   |    2.071
          |--ACK------------->|                   |    2.081
          |--BYE------------->|                   |    5.000
          |<-200 BYE----------|                   |    5.010
          |                   |--BYE------------->|    5.010
          |                   |<-200 BYE----------|    5.020
    """,
    )
    assert call.final == 200
    world.run(40)
    assert world.witness.violations == []


def test_a_carrier_that_challenges_again_and_again_is_passed_over() -> None:
    world = World(directory=registering(), carrier_password="another password")  # noqa: S106 - simulated
    world.run(1)
    world.carrier_1.challenges_calls = True
    world.register("alice")
    call = world.alice.call("0398765432")
    world.run(5)
    assert call.final is not None
    assert world.carrier_1.calls == []


def test_an_emergency_call_leaves_by_a_trunk() -> None:
    world = ready("alice")
    call = world.alice.call("110")
    world.run(4)
    assert call.is_established
    assert len(world.carrier_1.calls) == 1
    call.hang_up()
    world.expect_clean()


def test_an_anonymous_caller_of_the_public_network_stays_anonymous() -> None:
    world = ready("alice")
    call = world.carrier_1.call_in("0312340001", fields=(("Privacy", "id"),))
    world.run(4)
    invite = next(
        p.octets
        for p in world.network.passages
        if p.destination == "alice" and p.octets.startswith(b"INVITE")
    )
    assert b"9012345678" not in invite
    call.hang_up()
    world.expect_clean()


def test_a_carrier_may_challenge_requests_inside_the_call() -> None:
    world = World(directory=registering(), carrier_password="line password")  # noqa: S106 - simulated
    world.run(1)
    world.register("alice")
    call = world.alice.call("0398765432")
    world.run(4)
    world.carrier_1.challenges_dialogs = True
    call.recode()
    world.run(1)
    call.press("1")
    world.run(1)
    call.hang_up()
    world.run(2)
    assert call.reinvite_statuses == [200]
    assert call.info_statuses == [200]
    assert world.carrier_1.calls[0].ended_by == "them"
    assert world.carrier_1.calls[0].digits
    world.run(40)
    assert world.witness.violations == []
    assert world.switch.core.stack.usage_count == 0
