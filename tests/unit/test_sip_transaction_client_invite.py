"""The INVITE client transaction, each state with each input (RFC 3261 figure 5, RFC 6026)."""

import pytest

from switch.sip.effect import Deliver, Send, StartCancel
from switch.sip.parser import parse
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.client_invite import ClientInviteTransaction, State
from tests.support.exchange import MachineRun, request, response

INVITE = request(fields=[("Route", "<sip:proxy.example.jp;lr>")])
WAYS = {  # how each state is reached
    State.CALLING: [],
    State.PROCEEDING: [180],
    State.COMPLETED: [486],
    State.ACCEPTED: [200],
}
INPUTS = ("1xx", "2xx", "3xx", "6xx", "A", "B", "D", "M", "cancelled", "cancel", "lost")
MOVES = {
    (State.CALLING, "1xx"): State.PROCEEDING,
    (State.CALLING, "2xx"): State.ACCEPTED,
    (State.CALLING, "3xx"): State.COMPLETED,
    (State.CALLING, "6xx"): State.COMPLETED,
    (State.CALLING, "B"): State.TERMINATED,
    (State.CALLING, "lost"): State.TERMINATED,
    (State.PROCEEDING, "2xx"): State.ACCEPTED,
    (State.PROCEEDING, "3xx"): State.COMPLETED,
    (State.PROCEEDING, "6xx"): State.COMPLETED,
    (State.PROCEEDING, "cancelled"): State.TERMINATED,
    (State.COMPLETED, "D"): State.TERMINATED,
    (State.COMPLETED, "lost"): State.TERMINATED,
    (State.ACCEPTED, "M"): State.TERMINATED,
}


def machine(*, reliable: bool = False) -> ClientInviteTransaction:
    return ClientInviteTransaction(INVITE, reliable=reliable, values=TimerValues())


def in_state(state: State) -> ClientInviteTransaction:
    made = machine()
    made.start()
    if state is State.TERMINATED:
        made.expire(Timer.B)
    for status in WAYS.get(state, []):
        made.receive(response(status))
    assert made.state is state
    return made


def give(made: ClientInviteTransaction, happening: str) -> list[object]:
    match happening:
        case "cancel":
            return [*made.cancel()]
        case "lost":
            return [*made.lose_transport()]
        case "cancelled":
            return [*made.expire(Timer.CANCELLED)]
        case _ if happening.endswith("xx"):
            return [*made.receive(response(int(happening[0]) * 100 + 80))]
        case _:
            return [*made.expire(Timer(happening))]


@pytest.mark.parametrize("happening", INPUTS)
@pytest.mark.parametrize("state", State)
def test_each_move_is_the_figures(state: State, happening: str) -> None:
    made = in_state(state)
    give(made, happening)
    assert made.state is MOVES.get((state, happening), state)


def test_the_invite_is_repeated_at_doubling_intervals_until_timer_b() -> None:
    run = MachineRun(machine())
    run.advance(100)
    assert run.send_times == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert {octets for _, octets in run.sent} == {INVITE.octets()}
    assert run.failures == [(32, "timeout")]
    assert run.ended_at == 32
    assert not run.timers


def test_a_reliable_transport_repeats_nothing_and_still_gives_up() -> None:
    run = MachineRun(machine(reliable=True))
    run.advance(100)
    assert run.send_times == [0]
    assert run.failures == [(32, "timeout")]


def test_a_phone_may_ring_longer_than_timer_b() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.receive(response(180)))
    run.advance(600)
    assert made.state is State.PROCEEDING
    assert run.send_times == [0]
    assert not run.failures


@pytest.mark.parametrize("before", [[], [100], [180, 183]])
def test_provisionals_and_the_final_response_are_delivered(before: list[int]) -> None:
    made = machine()
    run = MachineRun(made)
    for status in [*before, 200]:
        run.perform(made.receive(response(status)))
    assert run.deliveries == len(before) + 1


def test_each_2xx_is_delivered_so_that_it_can_be_acknowledged_until_timer_m() -> None:
    made = machine()
    run = MachineRun(made)
    for tag in ("b", "b", "c"):
        run.perform(made.receive(response(200, tag=tag)))
    assert run.deliveries == 3
    assert run.send_times == [0]
    run.advance(31.9)
    assert run.ended_at is None
    run.advance(32)
    assert run.ended_at == 32
    assert not run.failures


def test_a_failure_is_acknowledged_each_time_it_comes_and_delivered_once() -> None:
    made = machine()
    run = MachineRun(made)
    for _ in range(3):
        run.perform(made.receive(response(486)))
    assert run.deliveries == 1
    ack, *repeated = [octets for _, octets in run.sent[1:]]
    assert repeated == [ack, ack]
    run.advance(100)
    assert run.ended_at == 32


def test_the_ack_follows_the_invite_on_its_branch_with_the_responses_to() -> None:
    made = in_state(State.CALLING)
    effects = made.receive(response(486))
    ack = parse(next(each.octets for each in effects if isinstance(each, Send)))
    assert ack.first("via") == INVITE.first("via")
    assert ack.first("route") == "<sip:proxy.example.jp;lr>"
    assert ack.to_tag == "b"
    assert str(ack.cseq) == "1 ACK"
    assert ack.octets().startswith(b"ACK sip:bob@example.jp SIP/2.0\r\n")


def test_over_a_reliable_transport_a_failure_ends_the_transaction_at_once() -> None:
    made = machine(reliable=True)
    run = MachineRun(made)
    run.perform(made.receive(response(486)))
    assert len(run.sent) == 2
    assert run.deliveries == 1
    assert run.ended_at == 0
    assert not run.timers


def test_timer_d_is_never_shorter_than_32_seconds() -> None:
    made = ClientInviteTransaction(INVITE, reliable=False, values=TimerValues(t1=0.1))
    run = MachineRun(made)
    run.perform(made.receive(response(486)))
    assert run.timers == {Timer.D: 32}


def test_a_cancel_while_calling_waits_for_the_first_provisional() -> None:
    made = in_state(State.CALLING)
    assert made.cancel() == []
    assert StartCancel() in made.receive(response(100))
    assert StartCancel() not in made.receive(response(180))


def test_a_cancel_while_proceeding_starts_at_once_and_only_once() -> None:
    made = in_state(State.PROCEEDING)
    assert StartCancel() in made.cancel()
    assert made.cancel() == []


def test_a_cancelled_invite_without_final_response_fails_after_64_t1() -> None:
    made = machine()
    run = MachineRun(made)
    run.advance(1)
    run.perform(made.receive(response(180)))
    run.perform(made.cancel())
    run.advance(100)
    assert run.failures == [(33, "timeout")]
    assert run.ended_at == 33


@pytest.mark.parametrize("status", [200, 487])
def test_a_final_response_ends_the_wait_of_a_cancelled_invite(status: int) -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.receive(response(180)))
    run.perform(made.cancel())
    run.perform(made.receive(response(status)))
    assert Timer.CANCELLED not in run.timers
    assert run.deliveries == 2


def test_a_cancel_that_found_no_provisional_ends_with_timer_b() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.cancel())
    run.advance(100)
    assert run.failures == [(32, "timeout")]


def test_losing_the_transport_while_calling_fails_and_disarms_everything() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.lose_transport())
    assert run.failures == [(0, "transport")]
    assert run.ended_at == 0
    assert not run.timers


def test_losing_the_transport_of_an_ack_is_no_second_outcome() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.receive(response(486)))
    run.perform(made.lose_transport())
    assert not run.failures
    assert run.ended_at == 0
    assert not run.timers


def test_delivery_comes_after_the_acknowledgement() -> None:
    effects = in_state(State.CALLING).receive(response(603))
    assert isinstance(effects[-1], Deliver)
