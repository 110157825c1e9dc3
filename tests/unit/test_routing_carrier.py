"""Which carriers a call may take: destinations, priorities, rates, weights, hours, emergencies."""

from collections import Counter
from decimal import Decimal

import pytest

from routing.carrier import CarrierPlan, CarrierRoute, Lack, Selection, Verdict, select
from routing.destination import Destination
from routing.hours import Hours
from routing.limit import LimitKey, LimitKind
from routing.number import Number
from routing.standing import AssumedStanding
from routing.trunk import Trunk

NOON = 1_798_772_400.0
"""2027-01-01, a Friday, at noon in Tokyo."""

OWN = "+81312340001"
ALL_WELL = AssumedStanding()


def trunk(name: str, priority: int = 0, **fields: object) -> Trunk:
    numbers = fields.get("numbers", frozenset())
    limit = fields.get("max_calls")
    assert isinstance(numbers, frozenset)
    assert limit is None or isinstance(limit, int)
    return Trunk(name, f"{name}.test", priority=priority, numbers=numbers, max_calls=limit)


def route(name: str, destination: str = "any", priority: int | None = 0) -> CarrierRoute:
    return CarrierRoute(name, Destination.parse(destination), priority)


def shared(name: str, weight: int) -> CarrierRoute:
    return CarrierRoute(name, priority=0, weight=weight)


def priced(name: str, rate: str | None) -> CarrierRoute:
    return CarrierRoute(
        name, priority=0, rate_per_minute=Decimal(rate) if rate is not None else None
    )


def chosen(
    plan: CarrierPlan,
    called: str,
    *,
    presented: str | None = OWN,
    at: float = NOON,
    standing: AssumedStanding = ALL_WELL,
) -> Selection:
    return select(plan, Number.parse(called), presented, at, standing)


def names(selection: Selection) -> str:
    return " ".join(each.name for each in selection.trunks)


A, B, C = trunk("a"), trunk("b", 1), trunk("c", 2)


def test_without_routes_each_trunk_carries_everything_by_its_own_priority() -> None:
    plan = CarrierPlan.build([C, B, A])
    for called in ("0398765432", "09012345678", "01012125551234", "0120123456", "110"):
        assert names(chosen(plan, called)) == "a b c"
    assert repr(plan) == "<CarrierPlan 3 trunks, 0 routes>"


def test_the_longest_prefix_goes_before_a_shorter_one_a_kind_and_any() -> None:
    plan = CarrierPlan.build(
        [A, B, C, trunk("d")],
        [
            route("a", "any"),
            route("b", "international"),
            route("c", "+1"),
            route("d", "+1212", 9),
        ],
    )
    assert names(chosen(plan, "01012125551234")) == "d c b a"
    assert names(chosen(plan, "01013105551234")) == "c b a"
    assert names(chosen(plan, "010441632960001")) == "b a"
    assert names(chosen(plan, "0398765432")) == "a"


def test_a_trunk_that_no_route_names_carries_everything_behind_closer_routes() -> None:
    plan = CarrierPlan.build([A, B], [route("b", "mobile")])
    assert names(chosen(plan, "09012345678")) == "b a"
    assert names(chosen(plan, "0398765432")) == "a"


def test_a_lower_priority_goes_first_and_a_route_without_takes_its_trunks() -> None:
    plan = CarrierPlan.build(
        [A, B, C], [route("a", priority=5), route("b"), route("c", "any", None)]
    )
    assert names(chosen(plan, "0398765432")) == "b c a"


def test_equal_routes_without_weight_go_cheapest_first_and_unpriced_last() -> None:
    plan = CarrierPlan.build([A, B, C], [priced("a", None), priced("b", "3.2"), priced("c", "2.9")])
    selection = chosen(plan, "0398765432")
    assert names(selection) == "c b a"
    assert selection.rate_per_minute == Decimal("3.2")
    assert chosen(CarrierPlan.build([A]), "0398765432").rate_per_minute is None


def test_routes_without_weight_go_before_those_that_share() -> None:
    plan = CarrierPlan.build([A, B], [shared("a", 9), priced("b", None)])
    assert names(chosen(plan, "0398765432")) == "b a"


def test_calls_are_shared_out_by_weight_and_alike_each_time() -> None:
    plan = CarrierPlan.build([A, B, C], [shared("a", 6), shared("b", 3), shared("c", 1)])
    count = 4000
    first: Counter[str] = Counter()
    second_after_a: Counter[str] = Counter()
    for second in range(count):
        selection = chosen(plan, "0398765432", at=NOON + second)
        assert selection == chosen(plan, "0398765432", at=NOON + second + 0.4)
        assert len(selection.trunks) == 3
        first[selection.trunks[0].name] += 1
        if selection.trunks[0] is A:
            second_after_a[selection.trunks[1].name] += 1
    shares = {name: hits / count for name, hits in first.items()}
    assert shares == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1}, abs=0.03)
    # What is left is shared out in the same proportion.
    assert second_after_a["b"] / second_after_a.total() == pytest.approx(0.75, abs=0.04)


def test_the_caller_and_the_called_number_spread_calls_of_one_second() -> None:
    plan = CarrierPlan.build([A, B], [shared("a", 1), shared("b", 1)])
    callers = Counter(
        names(chosen(plan, "0398765432", presented=f"+8131234{n:04}"))[0] for n in range(400)
    )
    called = Counter(names(chosen(plan, f"039876{n:04}"))[0] for n in range(400))
    assert 150 < callers["a"] < 250
    assert 150 < called["a"] < 250


def test_no_weight_at_all_takes_what_the_others_leave() -> None:
    plan = CarrierPlan.build([A, B], [shared("a", 0), shared("b", 1)])
    assert {names(chosen(plan, "0398765432", at=NOON + n)) for n in range(50)} == {"b a"}


def test_a_route_holds_in_its_hours_only_and_another_of_the_trunk_may_hold_then() -> None:
    day = CarrierRoute("a", Destination.parse("mobile"), 0, hours=Hours.parse("daily 08:00-19:00"))
    night = CarrierRoute(
        "a", Destination.parse("mobile"), 9, hours=Hours.parse("daily 19:00-08:00")
    )
    plan = CarrierPlan.build([A, B], [day, night, route("b", "any", 5), route("b", "mobile", 5)])
    by_day = chosen(plan, "09012345678")
    assert names(by_day) == "a b"
    by_night = chosen(plan, "09012345678", at=NOON + 12 * 3600)
    assert names(by_night) == "b a"
    assert by_night.weighed[0].verdict is Verdict.CLOSED


def test_a_trunk_that_is_down_full_or_without_the_callers_number_is_left_out() -> None:
    plan = CarrierPlan.build(
        [A, B, trunk("c", max_calls=2), trunk("d", 3, numbers=frozenset({"+81399999999"}))]
    )
    standing = AssumedStanding(unhealthy={"a"}, in_progress={LimitKey(LimitKind.TRUNK, "c"): 2})
    selection = chosen(plan, "0398765432", standing=standing)
    assert names(selection) == "b"
    assert selection.said == "b"
    assert {each.trunk.name: each.verdict for each in selection.weighed} == {
        "a": Verdict.DOWN,
        "b": Verdict.TAKEN,
        "c": Verdict.FULL,
        "d": Verdict.NOT_CARRIED,
    }
    assert selection.lack is None
    (_, told) = selection.inputs[0]
    assert "a for any: takes no calls now" in told
    withheld = chosen(plan, "0398765432", presented=None, standing=standing)
    assert names(withheld) == "b d"


def test_what_was_weighed_names_its_price() -> None:
    plan = CarrierPlan.build([A], [priced("a", "2.5")])
    assert str(chosen(plan, "0398765432").weighed[0]) == "a for any at 2.5 yen: taken"


@pytest.mark.parametrize(
    ("trunks", "routes", "standing", "lack"),
    [
        ([], [], ALL_WELL, Lack.NO_TRUNK),
        ([A], [route("a", "mobile")], ALL_WELL, Lack.NO_ROUTE),
        ([trunk("x", numbers=frozenset({"+81399999999"}))], [], ALL_WELL, Lack.NUMBER_NOT_CARRIED),
        ([A], [], AssumedStanding(unhealthy={"a"}), Lack.UNAVAILABLE),
    ],
)
def test_a_call_without_a_carrier_is_told_why(
    trunks: list[Trunk], routes: list[CarrierRoute], standing: AssumedStanding, lack: Lack
) -> None:
    selection = chosen(CarrierPlan.build(trunks, routes), "0398765432", standing=standing)
    assert selection.trunks == ()
    assert selection.lack is lack
    assert selection.said == lack.value


def test_an_emergency_call_tries_every_trunk_meant_for_it_the_healthy_ones_first() -> None:
    plan = CarrierPlan.build(
        [A, B, C, trunk("d", 3)],
        [route("a", "emergency"), route("b", "110", 7), route("c", "mobile")],
    )
    # The prefix is the closest, then the kind, then the trunk that no route names.
    assert names(chosen(plan, "110")) == "b a d"
    assert names(chosen(plan, "119")) == "a d"
    assert names(chosen(plan, "110", standing=AssumedStanding(unhealthy={"b"}))) == "a d b"


def test_an_emergency_call_is_kept_back_by_no_hours_no_limit_and_no_list_of_numbers() -> None:
    closed = CarrierRoute("a", hours=Hours.parse("sun 00:00-01:00"))
    full = trunk("b", max_calls=1)
    other = trunk("c", numbers=frozenset({"+81399999999"}))
    plan = CarrierPlan.build([A, full, other], [closed])
    standing = AssumedStanding(in_progress={LimitKey(LimitKind.TRUNK, "b"): 1})
    assert names(chosen(plan, "118", standing=standing)) == "a c b"
    assert names(chosen(plan, "118", presented=None, standing=standing)) == "a c b"


def test_an_emergency_call_takes_any_trunk_when_none_is_meant_for_it() -> None:
    plan = CarrierPlan.build([A, B], [route("a", "mobile"), route("b", "mobile")])
    assert names(chosen(plan, "110")) == "a b"
    assert chosen(CarrierPlan.build([]), "110").lack is Lack.NO_TRUNK


def test_a_plan_names_what_contradicts_itself() -> None:
    plan = CarrierPlan.build(
        [A], [route("a", "mobile"), route("a", "090"), route("a", "mobile", 3)]
    )
    assert plan.faults == (
        "the route of a for mobile is there twice",
        "no trunk carries emergency calls to 110",
        "no trunk carries emergency calls to 118",
        "no trunk carries emergency calls to 119",
    )
    stray = CarrierPlan.build([A], [route("b", "any")])
    assert stray.faults == ("the route for any names b, which is no trunk",)
    assert names(chosen(stray, "0398765432")) == "a"
    assert CarrierPlan.build([]).faults == ()
    meant = CarrierPlan.build([A], [route("a", "emergency"), route("a", "mobile")])
    assert meant.faults == ()
