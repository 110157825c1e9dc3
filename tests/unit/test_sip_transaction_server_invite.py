"""The INVITE server transaction, each state with each input (RFC 3261 figure 7, RFC 6026)."""

import pytest

from switch.sip.effect import Deliver, Fail, FailureCause, Send
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.hop import trying
from switch.sip.transaction.server_invite import ServerInviteTransaction, State
from tests.support.exchange import MachineRun, request, response

INVITE = request()
INPUTS = (
    *("INVITE", "ACK", "1xx", "2xx", "4xx"),
    *("trying", "G", "H", "I", "L", "lost"),
)
MOVES = {
    (State.PROCEEDING, "2xx"): State.ACCEPTED,
    (State.PROCEEDING, "4xx"): State.COMPLETED,
    (State.COMPLETED, "ACK"): State.CONFIRMED,
    (State.COMPLETED, "H"): State.TERMINATED,
    (State.CONFIRMED, "I"): State.TERMINATED,
    (State.ACCEPTED, "L"): State.TERMINATED,
}


def machine(*, reliable: bool = False) -> ServerInviteTransaction:
    return ServerInviteTransaction(INVITE, reliable=reliable, values=TimerValues())


def in_state(state: State) -> ServerInviteTransaction:
    made = machine()
    made.start()
    if state is State.ACCEPTED:
        made.respond(response(200))
    elif state is not State.PROCEEDING:
        made.respond(response(486))
    if state is State.CONFIRMED:
        made.receive_ack()
    if state is State.TERMINATED:
        made.expire(Timer.H)
    assert made.state is state
    return made


def give(made: ServerInviteTransaction, happening: str) -> None:
    match happening:
        case "INVITE":
            made.receive()
        case "ACK":
            made.receive_ack()
        case "lost":
            made.lose_transport()
        case "1xx" | "2xx" | "4xx":
            made.respond(response(int(happening[0]) * 100 + 80))
        case _:
            made.expire(Timer(happening))


@pytest.mark.parametrize("happening", INPUTS)
@pytest.mark.parametrize("state", State)
def test_each_move_is_the_figures(state: State, happening: str) -> None:
    made = in_state(state)
    give(made, happening)
    assert made.state is MOVES.get((state, happening), state)


def test_100_is_sent_after_200_ms_of_silence() -> None:
    run = MachineRun(machine())
    run.advance(60)
    assert run.sent == [(0.2, trying(INVITE).octets())]
    assert not run.timers


@pytest.mark.parametrize("status", [100, 180, 200, 486])
def test_100_is_not_sent_when_the_user_has_answered_in_time(status: int) -> None:
    made = machine()
    run = MachineRun(made)
    run.advance(0.1)
    run.perform(made.respond(response(status)))
    assert Timer.TRYING not in run.timers
    assert run.sent == [(0.1, response(status).octets())]


def test_a_100_that_is_due_late_is_forgotten() -> None:
    made = in_state(State.PROCEEDING)
    made.respond(response(180))
    assert made.expire(Timer.TRYING) == []


def test_a_repeated_invite_gets_the_last_provisional_again() -> None:
    made = in_state(State.PROCEEDING)
    assert made.receive() == []
    made.respond(response(180))
    made.respond(response(183))
    assert made.receive() == [Send(response(183).octets())]


def test_a_repeated_invite_gets_the_failure_again_and_never_the_2xx() -> None:
    assert in_state(State.COMPLETED).receive() == [Send(response(486).octets())]
    assert in_state(State.ACCEPTED).receive() == []
    assert in_state(State.CONFIRMED).receive() == []


def test_a_failure_is_repeated_up_to_every_t2_until_timer_h() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.respond(response(486)))
    run.advance(100)
    assert run.send_times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert run.failures == [(32, "timeout")]
    assert run.ended_at == 32
    assert not run.timers


def test_a_reliable_transport_repeats_no_failure_but_awaits_its_ack() -> None:
    made = machine(reliable=True)
    run = MachineRun(made)
    run.perform(made.respond(response(486)))
    run.advance(100)
    assert run.send_times == [0]
    assert run.failures == [(32, "timeout")]


def test_the_ack_of_a_failure_ends_its_repetition_and_later_acks_are_absorbed_for_t4() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.respond(response(486)))
    run.perform(made.receive_ack())
    run.perform(made.receive_ack())
    run.advance(100)
    assert run.send_times == [0]
    assert run.deliveries == 0
    assert run.ended_at == 5
    assert not run.failures


def test_over_a_reliable_transport_the_ack_ends_the_transaction_at_once() -> None:
    made = machine(reliable=True)
    run = MachineRun(made)
    run.perform(made.respond(response(486)))
    run.perform(made.receive_ack())
    assert run.ended_at == 0
    assert not run.timers


def test_the_users_2xx_is_sent_each_time_and_its_ack_is_delivered_until_timer_l() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.respond(response(200)))
    run.advance(0.5)
    run.perform(made.respond(response(200)))
    run.perform(made.receive_ack())
    assert run.send_times == [0, 0.5]
    assert run.deliveries == 1
    run.advance(100)
    assert run.ended_at == 32
    assert not run.failures


def test_what_the_user_says_after_a_final_response_is_discarded() -> None:
    for state in (State.COMPLETED, State.CONFIRMED, State.ACCEPTED, State.TERMINATED):
        assert in_state(state).respond(response(180)) == []
        assert in_state(state).respond(response(500)) == []


def test_an_ack_before_any_final_response_is_absorbed() -> None:
    assert in_state(State.PROCEEDING).receive_ack() == []
    assert in_state(State.ACCEPTED).receive_ack() == [Deliver()]


def test_a_lost_transport_is_told_while_something_may_still_be_sent() -> None:
    told = [Fail(FailureCause.TRANSPORT)]
    for state in (State.PROCEEDING, State.COMPLETED, State.ACCEPTED):
        assert in_state(state).lose_transport() == told
    assert in_state(State.CONFIRMED).lose_transport() == []


def test_a_cancel_means_something_only_before_the_final_response() -> None:
    assert in_state(State.PROCEEDING).is_undecided
    assert not in_state(State.ACCEPTED).is_undecided
    assert not in_state(State.COMPLETED).is_undecided
