"""The standing that is told: everybody is there and nothing in progress unless it says so."""

from routing.limit import LimitKey, LimitKind
from routing.standing import AssumedStanding

MAIN = LimitKey(LimitKind.NUMBER, "+81398765000")


def test_without_being_told_otherwise_everything_is_well() -> None:
    standing = AssumedStanding()
    assert standing.is_registered("desk")
    assert standing.held(MAIN) == 0
    assert standing.is_healthy("one")
    assert standing.is_open("+81398765000", 1.8e9)
    assert standing.block("c1", "desk", abroad=True) is None


def test_what_it_is_told_it_says() -> None:
    standing = AssumedStanding(
        unregistered={"desk"},
        in_progress={MAIN: 3},
        unhealthy={"one"},
        closed={"+81398765000"},
        blocks={"app": "budget", "c2": "operator"},
    )
    assert not standing.is_registered("desk")
    assert standing.held(MAIN) == 3
    assert not standing.is_healthy("one")
    assert not standing.is_open("+81398765000", 1.8e9)
    assert standing.block("c1", "app", abroad=False) == "budget"
    assert standing.block("c2", "carol", abroad=False) == "operator"
