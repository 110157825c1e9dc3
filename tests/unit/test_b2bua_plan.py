"""Whom a call tries, in which order."""

from routing.decision import Caller, Out, Ring, Service
from routing.number import Number
from switch.b2bua.plan import Plan
from tests.support.office import staff
from tests.support.switch import trunks

CALLER = Caller("+819012345678", "", withheld=False)
DESK, LOBBY, HANA, TARO = map(staff, ("desk", "lobby", "hana", "taro"))


def test_devices_are_targets_once_though_they_ring_in_a_stage_and_may_join_before() -> None:
    ring = Ring(((DESK, LOBBY), (HANA,)), 60.0, CALLER, late=(HANA, TARO), then=Service.VOICEMAIL)
    plan = Plan.of(ring, from_trunk=True)
    assert plan.targets == (DESK, LOBBY, HANA, TARO)
    assert plan.groups == ((0, 1), (2,))
    assert list(plan.devices()) == [(0, DESK), (1, LOBBY), (2, HANA), (3, TARO)]
    assert (plan.rings, plan.then, plan.is_urgent) == (ring, Service.VOICEMAIL, False)
    assert plan.caller is CALLER
    assert repr(plan) == "<Plan 4 targets in 2 groups>"


def test_trunks_are_tried_one_after_the_other() -> None:
    out = Out(trunks(), Number.parse("110"), CALLER, emergency=True)
    plan = Plan.of(out, from_trunk=False)
    assert plan.groups == ((0,), (1,))
    assert list(plan.devices()) == []
    assert (plan.rings, plan.then, plan.is_urgent) == (None, None, True)
