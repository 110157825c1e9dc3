"""The non-INVITE server transaction, each state with each input (RFC 3261 figure 8, RFC 4320)."""

import pytest

from switch.sip.effect import Fail, FailureCause, Send
from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.hop import trying
from switch.sip.transaction.server_non_invite import ServerNonInviteTransaction, State
from tests.support.exchange import MachineRun, request, response

REGISTER = request("REGISTER")
INPUTS = ("request", "1xx", "2xx", "4xx", "408", "trying", "J", "lost")
MOVES = {
    (State.TRYING, "2xx"): State.COMPLETED,
    (State.TRYING, "4xx"): State.COMPLETED,
    (State.TRYING, "408"): State.COMPLETED,
    (State.TRYING, "trying"): State.PROCEEDING,
    (State.TRYING, "J"): State.TERMINATED,
    (State.PROCEEDING, "2xx"): State.COMPLETED,
    (State.PROCEEDING, "4xx"): State.COMPLETED,
    (State.PROCEEDING, "408"): State.COMPLETED,
    (State.PROCEEDING, "J"): State.TERMINATED,
    (State.COMPLETED, "J"): State.TERMINATED,
}


def machine(*, reliable: bool = False) -> ServerNonInviteTransaction:
    return ServerNonInviteTransaction(REGISTER, reliable=reliable, values=TimerValues())


def in_state(state: State) -> ServerNonInviteTransaction:
    made = machine()
    made.start()
    if state is State.PROCEEDING:
        made.expire(Timer.TRYING)
    if state in {State.COMPLETED, State.TERMINATED}:
        made.respond(response(200, REGISTER))
    if state is State.TERMINATED:
        made.expire(Timer.J)
    assert made.state is state
    return made


@pytest.mark.parametrize("happening", INPUTS)
@pytest.mark.parametrize("state", State)
def test_each_move_is_the_figures(state: State, happening: str) -> None:
    made = in_state(state)
    if happening == "request":
        made.receive()
    elif happening == "lost":
        made.lose_transport()
    elif happening == "408":
        made.respond(response(408, REGISTER))
    elif happening.endswith("xx"):
        made.respond(response(int(happening[0]) * 100 + 80, REGISTER))
    else:
        made.expire(Timer(happening))
    assert made.state is MOVES.get((state, happening), state)


@pytest.mark.parametrize("reliable", [False, True])
def test_100_comes_when_the_clients_timer_e_has_reached_t2_and_not_before(
    *, reliable: bool
) -> None:
    run = MachineRun(machine(reliable=reliable))
    run.advance(31)
    assert run.sent == [(3.5, trying(REGISTER).octets())]


def test_a_request_that_nobody_answers_is_forgotten_after_64_t1() -> None:
    run = MachineRun(machine())
    run.advance(100)
    assert run.ended_at == 32
    assert not run.timers


def test_no_provisional_of_the_users_is_sent() -> None:
    assert machine().respond(response(100, REGISTER)) == []
    assert machine().respond(response(180, REGISTER)) == []


def test_a_repeated_request_gets_the_last_response_again() -> None:
    assert in_state(State.TRYING).receive() == []
    assert in_state(State.PROCEEDING).receive() == [Send(trying(REGISTER).octets())]
    assert in_state(State.COMPLETED).receive() == [Send(response(200, REGISTER).octets())]


def test_the_final_response_stays_at_hand_for_64_t1() -> None:
    made = machine()
    run = MachineRun(made)
    run.advance(1)
    run.perform(made.respond(response(200, REGISTER)))
    assert run.send_times == [1]
    assert run.timers == {Timer.J: 33}
    run.advance(100)
    assert run.send_times == [1]
    assert run.ended_at == 33


def test_over_a_reliable_transport_the_final_response_ends_the_transaction_at_once() -> None:
    made = machine(reliable=True)
    run = MachineRun(made)
    run.perform(made.respond(response(200, REGISTER)))
    assert run.ended_at == 0
    assert not run.timers


def test_408_is_never_sent_but_repetitions_are_absorbed() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.respond(response(408, REGISTER)))
    run.perform(made.receive())
    assert not run.sent
    assert made.state is State.COMPLETED


def test_a_second_final_response_is_discarded() -> None:
    assert in_state(State.COMPLETED).respond(response(500, REGISTER)) == []


def test_a_100_that_is_due_late_is_forgotten() -> None:
    assert in_state(State.COMPLETED).expire(Timer.TRYING) == []


def test_a_lost_transport_is_told_as_long_as_the_transaction_lives() -> None:
    for state in (State.TRYING, State.PROCEEDING, State.COMPLETED):
        assert in_state(state).lose_transport() == [Fail(FailureCause.TRANSPORT)]
    assert in_state(State.TERMINATED).lose_transport() == []
