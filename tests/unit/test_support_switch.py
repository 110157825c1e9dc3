"""The simulated switch and its world: they say what is wrong when something is."""

import pytest

from media.plane import Allocate
from routing.directory import Directory
from switch import IS_COMPILED
from switch.core import CoreOutput, SwitchCore
from switch.effect import Level, Log
from switch.sip.token import SeededTokens
from tests.support.chance import Chance
from tests.support.core_settings import core_settings
from tests.support.manner import NEVER_ANSWERS
from tests.support.network import SimulatedNetwork
from tests.support.storm import batches
from tests.support.switch import SimulatedSwitch, World


def test_a_quiet_world_is_clean() -> None:
    world = World()
    world.register()
    world.expect_clean()
    assert repr(world.switch).startswith("<SimulatedSwitch <SwitchCore 0 calls, 4 bindings")


def test_a_call_that_goes_on_is_not_clean() -> None:
    world = World()
    world.register("alice", "bob")
    world.bob.manner = NEVER_ANSWERS
    world.alice.call("102")
    world.run(1)
    faults = "\n".join(world.faults())
    for expected in ("goes on", "1 calls left over", "endpoints left over", "was not answered"):
        assert expected in faults
    with pytest.raises(AssertionError, match="not clean"):
        world.expect_clean()


def test_records_are_checked_against_the_calls_received() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    world.run(4)
    call.hang_up()
    world.expect_clean()
    first, second = world.switch.cdrs
    world.switch.cdrs.append(second)
    assert any("written twice" in fault for fault in world.faults())
    world.switch.cdrs[:] = []
    assert any("has no record" in fault for fault in world.faults())
    world.switch.cdrs[:] = [first]
    world.switch.logs[:] = []
    assert any("unknown call" in fault for fault in world.faults())


def test_an_endpoint_that_nobody_releases_is_not_clean() -> None:
    world = World()
    world.switch.media.perform(Allocate("forgotten", "call"))
    world.run(1)
    assert world.faults() == ["1 endpoints left over"]


class Spinning(SwitchCore):
    """A core that never does what is due."""

    def expire(self, now: float) -> list[CoreOutput]:
        """Do nothing of use."""
        return [Log("spun", Level.INFO, {"now": now})]

    def next_deadline(self) -> float:
        """Want to be called at once."""
        return 0.5


@pytest.mark.skipif(IS_COMPILED, reason="a compiled core has no subclasses")
def test_a_core_that_spins_is_caught() -> None:
    settings, directory = core_settings("example.test"), Directory.build()
    core = Spinning(settings, directory, SeededTokens(Chance(1)), 0.0)
    switch = SimulatedSwitch(SimulatedNetwork(), core, {})
    with pytest.raises(AssertionError, match="does not consume"):
        switch.start()


def test_batches_cover_every_call() -> None:
    assert list(batches(45)) == [(0, 20), (1, 20), (2, 5)]
