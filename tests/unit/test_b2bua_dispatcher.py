"""From an INVITE to a call, and from its end to its records."""

from dataclasses import replace

import pytest

from routing.customer import plain_customers
from routing.decision import Service
from routing.directory import Directory
from routing.line import FaxMode
from switch.b2bua.call import Call
from switch.b2bua.dispatcher import CallSettings
from switch.b2bua.verdict import _seconds
from switch.command import Drain, HangUp, HangUpAll
from switch.effect import Level
from tests.support.manner import Manner
from tests.support.office import HEAD, HEAD_DIALLED, office, office_world, shared, staff
from tests.support.switch import World, device


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(None, 0.0), ("20", 20.0), ("20 (later)", 20.0), ("soon", 0.0)]
)
def test_a_retry_after_is_read_as_seconds(retry_after: str | None, seconds: float) -> None:
    assert _seconds(retry_after) == seconds


def test_a_switch_that_drains_refuses_a_carriers_call_and_says_whose() -> None:
    world = World()
    world.register("alice")
    world.switch.command(Drain())
    call = world.carrier_1.call_in("0312340001")
    world.run(2)
    assert call.final == 503
    (line,) = world.switch.logged("call_refused")
    assert (line.fields["trunk"], line.fields["reason"]) == ("carrier-1", "draining")
    assert line.level is Level.WARNING


def test_a_trunk_that_was_removed_while_the_call_hunts_is_passed_over() -> None:
    world = World()
    world.register("alice")
    world.carrier_1.manner = Manner(ring_after=None, answer_after=2.0, answer_status=503)
    call = world.alice.call("0398765432")
    world.run(1)
    world.switch.core.replace_directory(
        Directory.build(plain_customers([device("alice")])), world.network.now
    )
    world.run(4)
    assert call.final == 480
    (line,) = world.switch.logged("leg_unreachable")
    assert (line.fields["trunk"], line.fields["reason"]) == ("carrier-2", "next hop not resolved")


def test_hanging_up_a_call_that_is_not_there_is_no_fault() -> None:
    world = World()
    world.switch.command(HangUp("nobody"))
    world.switch.command(HangUpAll())
    assert world.switch.core.is_idle


def test_a_call_in_progress_is_described_by_both_its_legs() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    (facts,) = world.switch.core.calls()
    assert (facts.state, facts.caller, facts.called) == ("connected", "+81312340001", "102")
    assert [each.rpartition("/")[2] for each in facts.endpoints] == ["a", "b1"]
    world.switch.command(HangUp(facts.call_id))
    world.run(2)
    assert [each.cause for each in world.switch.cdrs] == ["operator", "operator"]
    assert call.final == 200


def test_a_busy_phone_is_a_refused_leg_in_the_records() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = Manner(ring_after=None, answer_after=0.0, answer_status=486)
    world.alice.call("102")
    world.run(4)
    legs = [(each.leg, each.status, each.cause) for each in world.switch.cdrs]
    assert legs == [("a", 486, "busy"), ("b1", 486, "busy")]


def test_a_full_switch_refuses_calls_but_never_one_to_an_emergency_number() -> None:
    world = World()
    world.register("alice", "bob", "carol")
    world.switch.core.dispatcher._settings = CallSettings(max_calls=1)
    first = world.alice.call("102")
    world.run(4)
    second, urgent = world.carol.call("102"), world.carol.call("119")
    inbound = world.carrier_1.call_in("0312340003")
    world.run(4)
    assert (first.final, second.final, urgent.final, inbound.final) == (200, 503, 200, 503)
    assert {line.fields["reason"] for line in world.switch.logged("call_refused")} == {
        "call limit reached"
    }


@pytest.mark.parametrize(
    ("called", "cause"),
    [("19", "not_found"), ("0398765432", "no_trunk"), ("01015551234", "forbidden")],
)
def test_a_call_that_routing_refuses_is_recorded_with_its_cause(called: str, cause: str) -> None:
    world = World(directory=Directory.build(plain_customers([device("alice")])))
    world.register("alice")
    world.alice.call(called)
    world.run(4)
    assert [each.cause for each in world.switch.cdrs] == [cause]


def test_a_carriers_call_is_recorded_for_the_contract_that_it_rings() -> None:
    world = World()
    world.register("alice")
    call = world.carrier_1.call_in("0312340001")
    world.run(4)
    call.hang_up()
    world.run(4)
    assert [each.contract for each in world.switch.cdrs] == ["contract-1", "contract-1"]


def test_a_service_that_is_there_takes_the_call_and_keeps_its_channel() -> None:
    line = replace(shared(HEAD, "desk"), fax=FaxMode.ONLY)
    world = office_world(office(line, devices=[staff("desk")]), "desk")
    dispatcher = world.switch.core.dispatcher
    taken: list[str] = []

    def take(call: Call) -> bool:
        taken.append(call.id)
        return len(taken) == 1

    dispatcher.services[Service.FAX] = take
    first = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    assert (first.final, list(dispatcher.calls)) == (None, taken)
    world.switch.command(HangUp(taken[0]))
    world.run(1)
    second = world.carrier_1.call_in(HEAD_DIALLED)
    world.run(1)
    # The service is there, but can't take this one.
    assert (first.final, second.final) == (503, 480)
    assert len(world.switch.logged("service_absent")) == 1
    world.expect_clean()
