"""The non-INVITE client transaction, each state with each input (RFC 3261 figure 6)."""

import pytest

from switch.sip.timer import Timer, TimerValues
from switch.sip.transaction.client_non_invite import ClientNonInviteTransaction, State
from tests.support.exchange import MachineRun, request, response

OPTIONS = request("OPTIONS")
WAYS = {State.TRYING: [], State.PROCEEDING: [100], State.COMPLETED: [200]}
INPUTS = ("1xx", "2xx", "4xx", "E", "F", "K", "lost")
MOVES = {
    (State.TRYING, "1xx"): State.PROCEEDING,
    (State.TRYING, "2xx"): State.COMPLETED,
    (State.TRYING, "4xx"): State.COMPLETED,
    (State.TRYING, "F"): State.TERMINATED,
    (State.TRYING, "lost"): State.TERMINATED,
    (State.PROCEEDING, "2xx"): State.COMPLETED,
    (State.PROCEEDING, "4xx"): State.COMPLETED,
    (State.PROCEEDING, "F"): State.TERMINATED,
    (State.PROCEEDING, "lost"): State.TERMINATED,
    (State.COMPLETED, "K"): State.TERMINATED,
}


def machine(*, reliable: bool = False) -> ClientNonInviteTransaction:
    return ClientNonInviteTransaction(OPTIONS, reliable=reliable, values=TimerValues())


@pytest.mark.parametrize("happening", INPUTS)
@pytest.mark.parametrize("state", State)
def test_each_move_is_the_figures(state: State, happening: str) -> None:
    made = machine()
    made.start()
    if state is State.TERMINATED:
        made.expire(Timer.F)
    for status in WAYS.get(state, []):
        made.receive(response(status, OPTIONS))
    assert made.state is state
    if happening == "lost":
        made.lose_transport()
    elif happening.endswith("xx"):
        made.receive(response(int(happening[0]) * 100 + 80, OPTIONS))
    else:
        made.expire(Timer(happening))
    assert made.state is MOVES.get((state, happening), state)


def test_the_request_is_repeated_up_to_every_t2_until_timer_f() -> None:
    run = MachineRun(machine())
    run.advance(100)
    assert run.send_times == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert {octets for _, octets in run.sent} == {OPTIONS.octets()}
    assert run.failures == [(32, "timeout")]
    assert run.ended_at == 32
    assert not run.timers


def test_after_a_provisional_the_request_is_repeated_every_t2() -> None:
    made = machine()
    run = MachineRun(made)
    run.advance(0.2)
    run.perform(made.receive(response(100, OPTIONS)))
    run.advance(100)
    assert run.send_times == [0, 0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert run.failures == [(32, "timeout")]


def test_a_reliable_transport_repeats_nothing_and_still_gives_up() -> None:
    run = MachineRun(machine(reliable=True))
    run.advance(100)
    assert run.send_times == [0]
    assert run.failures == [(32, "timeout")]


def test_the_final_response_is_delivered_once_and_repetitions_are_absorbed_for_t4() -> None:
    made = machine()
    run = MachineRun(made)
    for _ in range(3):
        run.perform(made.receive(response(200, OPTIONS)))
    assert run.deliveries == 1
    run.advance(100)
    assert run.send_times == [0]
    assert run.ended_at == 5


def test_over_a_reliable_transport_the_final_response_ends_the_transaction_at_once() -> None:
    made = machine(reliable=True)
    run = MachineRun(made)
    run.perform(made.receive(response(404, OPTIONS)))
    assert run.deliveries == 1
    assert run.ended_at == 0
    assert not run.timers


def test_losing_the_transport_fails_and_disarms_everything() -> None:
    made = machine()
    run = MachineRun(made)
    run.perform(made.lose_transport())
    assert run.failures == [(0, "transport")]
    assert run.ended_at == 0
    assert not run.timers
