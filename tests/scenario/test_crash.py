"""Crashes: any one device dies at any moment of park, pickup or transfer, and nothing is left."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from switch.command import HangUpAll
from tests.support.manner import Manner
from tests.support.switch import World

Flow = Callable[[World], None]

STEPS = [0.002 + 0.01 * step for step in range(14)] + [0.3, 1.2, 2.3, 3.3, 4.3, 6.3, 9.0]
"""Seconds into the flow: each hop of its first messages, and what comes of them."""


def park_and_fetch(world: World) -> None:
    """Park alice's call, fetch it at bob's."""
    world.alice.calls[0].refer("*1")
    world.at(1.0, lambda: world.bob.call("*1"))


def park_by_code(world: World) -> None:
    """Hold, park by code, fetch at bob's."""
    world.alice.calls[0].hold()
    world.at(1.0, lambda: world.alice.call("*1"))
    world.at(2.0, lambda: world.bob.call("*1"))


def blind_transfer(world: World) -> None:
    """Lead the caller on to bob."""
    world.alice.calls[0].refer("102")


def failing_transfer(world: World) -> None:
    """Lead the caller on to bob, who declines, alice having hung up."""
    world.bob.manner = Manner(answer_after=2.0, answer_status=603)
    world.alice.calls[0].refer("102")
    world.at(1.0, world.alice.calls[0].hang_up)


def attended_transfer(world: World) -> None:
    """Let alice talk to bob, then connect the two others."""
    world.alice.calls[0].hold()
    consultation = world.alice.call("102")

    def refer() -> None:
        if consultation.dialog is not None:
            named = quote(consultation.replaces())
            world.alice.calls[0].refer(f"sip:102@example.test?Replaces={named}")

    world.at(4.0, refer)


def semi_attended_transfer(world: World) -> None:
    """Let alice call bob, and connect the two others while it rings."""
    world.bob.manner = Manner(answer_after=3.0)
    consultation = world.alice.call("102")

    def refer() -> None:
        if consultation.named_dialog is not None:
            named = quote(consultation.replaces())
            world.alice.calls[0].refer(f"sip:102@example.test?Replaces={named}")

    world.at(1.0, refer)


def pickup(world: World) -> None:
    """Let another call ring at alice's, and bob pick it up."""
    world.alice.manner = Manner(answer_after=30.0)
    world.carrier_1.call_in("0312340001")
    world.at(1.0, lambda: world.bob.call("**101"))


FLOWS = (
    park_and_fetch, park_by_code, blind_transfer, failing_transfer, attended_transfer,
    semi_attended_transfer, pickup,
)  # fmt: skip


@pytest.mark.parametrize("victim", ["alice", "bob", "carrier-1", "nobody"])
@pytest.mark.parametrize("flow", FLOWS)
def test_a_device_that_dies_leaves_nothing_behind(flow: Flow, victim: str) -> None:
    for step in STEPS:
        world = World(seed=f"{step}")
        world.register("alice", "bob", "carol")
        world.carrier_1.call_in("0312340001")
        world.run(4)
        world.begin()
        flow(world)
        world.run(step)
        agents = {**world.phones, **world.trunks}
        if victim in agents:
            agents[victim].disappear()
        world.run(15 - step)
        for name, agent in agents.items():
            for call in agent.calls if name != victim else ():
                if call.is_established or call.final is None:
                    call.hang_up()
        world.run(400)
        world.switch.command(HangUpAll())
        world.settle()
        assert world.switch.leftovers() == {}, (flow.__name__, victim, step)
        assert not world.switch.core.dispatcher.office.lot, (flow.__name__, victim, step)
