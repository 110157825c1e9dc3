"""Lines: who is assigned to a number."""

from dataclasses import replace

from routing.line import Line, LineKind, Ringer
from tests.support.routed import DESK, MAIN


def test_an_id_is_assigned_to_a_shared_number_whether_it_rings_or_not() -> None:
    line = replace(MAIN, ringers=(Ringer("desk"), Ringer("app", rings=False)))
    assert line.is_representative
    assert line.is_assigned("desk")
    assert line.is_assigned("app")
    assert not line.is_assigned("lobby")


def test_nobody_is_assigned_to_a_direct_number() -> None:
    line = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))
    assert not line.is_representative
    assert not line.is_assigned("desk")
