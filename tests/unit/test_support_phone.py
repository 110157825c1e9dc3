"""The simulated phones, phone to phone: their calls, their repetitions, their bad habits."""

import pytest

from switch.sip.flow import Address, Transport
from tests.support.call import Phase
from tests.support.ladder import expect_ladder, ladder
from tests.support.manner import BUSY, MUTE, NEVER_ANSWERS, Habits, Manner
from tests.support.network import Link, SimulatedNetwork
from tests.support.phone import Account, SimulatedPhone
from tests.support.trunk import SimulatedTrunk

ALICE = Address("192.0.2.11", 5060)
BOB = Address("192.0.2.12", 5060)


class Pair:
    """Two phones, each the other's server."""

    def __init__(
        self, seed: int = 1, link: Link | None = None, transport: Transport = Transport.UDP
    ) -> None:
        self.network = SimulatedNetwork(seed, link)
        self.alice = SimulatedPhone(
            self.network, "alice", ALICE, BOB, Account("alice"), transport=transport
        )
        self.bob = SimulatedPhone(
            self.network, "bob", BOB, ALICE, Account("bob", display_name="Bob"), transport=transport
        )

    def expect(self, expected: str) -> None:
        """Compare everything that passed."""
        expect_ladder(ladder(self.network.passages, ["alice", "bob"]), expected)

    def expect_peace(self) -> None:
        """Nobody broke a rule, and nothing goes on."""
        assert self.alice.violations + self.bob.violations == []
        for call in self.alice.calls + self.bob.calls:
            assert call.phase is Phase.ENDED, call


def test_a_call_is_answered_held_resumed_and_ended() -> None:
    pair = Pair()
    call = pair.alice.call("bob")
    pair.network.run_until(4)
    assert call.is_established
    call.hold()
    pair.network.run_for(1)
    assert (call.remote and call.remote.direction) == "recvonly"
    call.resume()
    pair.network.run_for(1)
    assert (call.remote and call.remote.direction, call.remote and call.remote.version) == (
        "sendrecv",
        3,
    )
    pair.bob.calls[0].hang_up()
    pair.network.run_until_idle()
    pair.expect("""
        alice               bob
          |--INVITE sdp------>|    0.000
          |<-180 INVITE-------|    0.010
          |<-200 INVITE sdp---|    2.010
          |--ACK------------->|    2.020
          |--INVITE sdp------>|    4.000
          |<-200 INVITE sdp---|    4.010
          |--ACK------------->|    4.020
          |--INVITE sdp------>|    5.000
          |<-200 INVITE sdp---|    5.010
          |--ACK------------->|    5.020
          |<-BYE--------------|    6.000
          |--200 BYE--------->|    6.010
    """)
    assert (call.ended_by, pair.bob.calls[0].bye_status) == ("them", 200)
    pair.expect_peace()


def test_a_reliable_provisional_response_carries_a_late_offer_and_is_repeated_until_prack() -> None:
    pair = Pair()
    pair.bob.manner = Manner(ring_status=183, ring_described=True, reliable=True)
    pair.alice.habits = Habits(supports_100rel=True)
    pair.network.lose("alice", "bob", "PRACK")
    pair.network.lose("bob", "alice", "200 INVITE", times=2)
    call = pair.alice.call("bob", described=False)
    pair.network.run_until(6)
    call.update(direction="sendonly")
    pair.network.run_for(1)
    call.hang_up()
    pair.network.run_until_idle()
    pair.expect("""
        alice               bob
          |--INVITE---------->|    0.000
          |<-183 INVITE sdp---|    0.010
          |--PRACK sdp-----X  |    0.020
          |<-183 INVITE sdp---|    0.510
          |--PRACK sdp------->|    0.520
          |<-200 PRACK--------|    0.530
          |  X-200 INVITE-----|    2.010
          |  X-200 INVITE-----|    2.510
          |<-200 INVITE-------|    3.510
          |--ACK------------->|    3.520
          |--UPDATE sdp------>|    6.000
          |<-200 UPDATE sdp---|    6.010
          |--BYE------------->|    7.000
          |<-200 BYE----------|    7.010
    """)
    assert call.has_early_media
    pair.expect_peace()


def test_a_caller_who_gives_up_cancels_after_the_first_provisional_response() -> None:
    pair = Pair()
    pair.bob.manner = Manner(ring_after=1.0, answer_after=None)
    call = pair.alice.call("bob")
    call.hang_up()
    pair.network.run_until_idle()
    pair.expect("""
        alice               bob
          |--INVITE sdp------>|    0.000
          |--INVITE sdp------>|    0.500
          |<-180 INVITE-------|    1.010
          |--CANCEL---------->|    1.020
          |<-200 CANCEL-------|    1.030
          |<-487 INVITE-------|    1.030
          |--ACK------------->|    1.040
    """)
    assert (call.final, call.cancel_status) == (487, 200)
    pair.expect_peace()


def test_a_cancel_that_crosses_the_answer_is_followed_by_bye() -> None:
    pair = Pair()
    call = pair.alice.call("bob")
    pair.network.run_until(2.005)
    call.hang_up()
    pair.network.run_until_idle()
    assert call.final == 200
    assert call.ended_by == "us"
    pair.expect_peace()


def test_a_refusal_is_repeated_until_its_ack() -> None:
    pair = Pair()
    pair.bob.manner = BUSY
    pair.network.lose("alice", "bob", "ACK")
    call = pair.alice.call("bob")
    pair.network.run_until_idle()
    pair.expect("""
        alice               bob
          |--INVITE sdp------>|    0.000
          |<-486 INVITE-------|    0.010
          |--ACK-----------X  |    0.020
          |<-486 INVITE-------|    0.510
          |--ACK------------->|    0.520
    """)
    assert call.final == 486
    pair.expect_peace()


def test_an_answer_that_is_never_acknowledged_ends_in_bye() -> None:
    pair = Pair()
    pair.alice.habits = Habits(acks_skipped=99)
    pair.alice.call("bob")
    pair.network.run_until_idle()
    assert pair.bob.calls[0].ended_by == "no ACK"
    sent = [p.octets for p in pair.network.passages if p.octets.startswith(b"SIP/2.0 200")]
    assert len([octets for octets in sent if b"INVITE" in octets.split(b"CSeq")[1][:12]]) == 11
    pair.expect_peace()


def test_the_second_branch_of_a_fork_is_acknowledged_and_ended() -> None:
    pair = Pair()
    pair.bob.manner = Manner(forks=True, rings_twice=True)
    call = pair.alice.call("bob")
    pair.network.run_until(3)
    assert len(call.forks) == 1
    call.hang_up()
    pair.network.run_until_idle()
    pair.expect_peace()


def test_a_second_final_response_is_a_violation() -> None:
    pair = Pair()
    pair.bob.manner = Manner(second_status=486)
    pair.alice.call("bob")
    pair.network.run_until(3)
    assert pair.alice.violations == ["INVITE alice-call-1 was answered 200 and then 486"]


def test_a_mute_phone_makes_the_caller_give_up_after_timer_b() -> None:
    pair = Pair()
    pair.bob.manner = MUTE
    call = pair.alice.call("bob")
    pair.network.run_until_idle()
    times = [round(p.sent_at, 3) for p in pair.network.passages]
    assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert call.ended_by == "time-out"


def test_crossing_reinvites_are_refused_and_tried_again() -> None:
    pair = Pair()
    call = pair.alice.call("bob")
    pair.network.run_until(3)
    call.hold()
    pair.bob.calls[0].hold()
    pair.network.run_until_idle()
    assert call.reinvite_statuses == [491, 200]
    assert pair.bob.calls[0].reinvite_statuses == [491, 200]


def test_sessions_are_refreshed_by_the_refresher() -> None:
    pair = Pair()
    pair.alice.habits = Habits(session_expires=90, refresher="uac", refresh_method="UPDATE")
    pair.bob.habits = Habits(session_expires=90)
    call = pair.alice.call("bob")
    pair.network.run_until(200)
    assert call.reinvite_statuses == [200, 200, 200, 200]
    assert pair.bob.calls[0].is_established


def test_a_session_that_is_not_refreshed_ends() -> None:
    pair = Pair()
    pair.alice.habits = Habits(session_expires=90, refresher="uac", refreshes=False)
    pair.bob.habits = Habits(session_expires=90)
    pair.alice.call("bob")
    pair.network.run_until(65)
    assert pair.bob.calls[0].ended_by == "session expired"
    pair.expect_peace()


def test_a_late_offer_is_answered_in_the_ack() -> None:
    pair = Pair()
    pair.alice.call("bob", described=False)
    pair.network.run_until(3)
    pair.alice.calls[0].reinvite(described=False)
    pair.network.run_for(1)
    remote = pair.bob.calls[0].remote
    assert remote is not None
    assert remote.host == ALICE.host


def test_a_called_phone_may_hang_up_while_it_rings_or_after_a_time() -> None:
    pair = Pair()
    pair.bob.manner = NEVER_ANSWERS
    first = pair.alice.call("bob")
    pair.network.run_until(1)
    pair.bob.call_in_progress.hang_up()
    pair.bob.manner = Manner(hang_up_after=1.0)
    second = pair.alice.call("bob")
    pair.network.run_until_idle()
    assert (first.final, second.final, second.ended_by) == (603, 200, "them")
    pair.expect_peace()


def test_requests_that_belong_to_no_call_get_481() -> None:
    pair = Pair()
    call = pair.alice.call("bob")
    pair.network.run_until(3)
    pair.bob.calls.clear()
    call.reinvite()
    pair.network.run_until_idle()
    assert call.reinvite_statuses == [481]
    assert (call.ended_by, call.bye_status) == ("us", 481)


def test_phones_call_over_streams_without_repeating() -> None:
    pair = Pair(transport=Transport.TCP)
    pair.alice.call("bob")
    pair.network.run_until(3)
    pair.bob.calls[0].hang_up()
    pair.network.run_until_idle()
    assert len(pair.network.passages) == 6
    pair.expect_peace()


def test_a_phone_whose_connection_fails_gives_up_at_once() -> None:
    network = SimulatedNetwork()
    alice = SimulatedPhone(network, "alice", ALICE, BOB, Account("alice"), transport=Transport.TCP)
    call = alice.call("bob")
    network.run_until(0.1)
    assert call.ended_by == "time-out"


def test_what_cannot_be_read_is_a_violation() -> None:
    pair = Pair()
    pair.alice.send(b"\x00nonsense\r\n\r\n", pair.alice.flow_to(pair.bob.contact))
    pair.network.run_until_idle()
    assert len(pair.bob.violations) == 1


def test_a_trunk_answers_options_and_challenges_registrations() -> None:
    network = SimulatedNetwork()
    phone = SimulatedPhone(network, "phone", ALICE, BOB, Account("trunk", "pass", "carrier.test"))
    trunk = SimulatedTrunk(network, "trunk", BOB, ALICE, password="pass")  # noqa: S106 - simulated
    statuses = phone.ask("OPTIONS")
    phone.register()
    network.run_until_idle()
    phone.credentials.password = "wrong"  # noqa: S105 - simulated
    phone.register()
    network.run_until_idle()
    assert statuses == [200]
    assert [registration.status for registration in phone.registrations] == [200, 401]
    assert len(trunk.registered) == 1


def test_a_trunk_calls_in_with_an_asserted_identity() -> None:
    network = SimulatedNetwork()
    phone = SimulatedPhone(network, "phone", ALICE, BOB, Account("phone"))
    trunk = SimulatedTrunk(network, "trunk", BOB, ALICE)
    call = trunk.call_in("0312345678")
    network.run_until(3)
    assert call.is_established
    assert b"P-Asserted-Identity: <sip:09012345678@carrier.test>" in network.passages[0].octets
    assert phone.calls[0].remote == call.local


@pytest.mark.parametrize("seed", range(30))
def test_calls_end_in_peace_over_a_bad_network_and_replay(seed: int) -> None:
    def run() -> bytes:
        pair = Pair(seed, Link(0.02, 0.05, 0.1, 0.1))
        call = pair.alice.call("bob")
        pair.network.run_until(20)
        call.hang_up()
        pair.network.run_until_idle()
        pair.expect_peace()
        return pair.network.trace()

    assert run() == run()
