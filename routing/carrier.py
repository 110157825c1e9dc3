"""The choice of carriers: which trunks a call out may take, and in which order (LCR).

A route says which trunk carries which destination. The longest prefix goes before a kind of number
and that before `any`; within one destination the lower priority, then the routes without a weight,
the cheapest first, then the others, shared out by weight. A trunk that no route names carries
everything by its own priority. Nothing is drawn at random: the share falls by a hash of the call,
so that a live call and its explanation agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from math import inf, log

import msgspec

from routing.destination import ANY, Destination
from routing.hours import ALWAYS, Hours
from routing.limit import LimitKey, LimitKind
from routing.number import EMERGENCY_NUMBERS, Number, NumberKind
from routing.standing import Standing
from routing.trunk import Trunk


@dataclass(frozen=True, slots=True)
class CarrierRoute:
    """One trunk for one destination."""

    trunk: str
    destination: Destination = ANY
    priority: int | None = None
    """Lower is tried first; None takes the trunk's own."""
    weight: int | None = None
    """The share among equal priorities: 3 gets three times what 1 gets, 0 only what is left."""
    hours: Hours = ALWAYS
    rate_per_minute: Decimal | None = None
    """Yen; orders the routes without a weight, and counts in the budgets."""

    def __str__(self) -> str:
        return f"{self.trunk} for {self.destination}"


class Verdict(Enum):
    """What came of weighing a route for a call."""

    TAKEN = "taken"
    CLOSED = "outside its hours"
    NOT_CARRIED = "does not carry the caller's number"
    DOWN = "takes no calls now"
    FULL = "full"


class Lack(Enum):
    """Why no trunk was found."""

    NO_TRUNK = "no trunk is configured"
    NO_ROUTE = "no route leads there now"
    NUMBER_NOT_CARRIED = "no trunk carries the caller's number"
    UNAVAILABLE = "none takes calls now"


class Weighed(msgspec.Struct, frozen=True):
    """One route that was looked at for a call."""

    trunk: Trunk
    route: CarrierRoute
    verdict: Verdict

    def __str__(self) -> str:
        rate = self.route.rate_per_minute
        price = f" at {rate} yen" if rate is not None else ""
        return f"{self.route}{price}: {self.verdict.value}"


class Selection(msgspec.Struct, frozen=True):
    """The routes that a call may take, best first, and all that were weighed for it."""

    weighed: tuple[Weighed, ...]
    lack: Lack | None
    """None when there is a trunk."""

    @property
    def taken(self) -> tuple[Weighed, ...]:
        """The routes to try, in order."""
        return tuple(each for each in self.weighed if each.verdict is Verdict.TAKEN)

    @property
    def trunks(self) -> tuple[Trunk, ...]:
        """The trunks to try, in order."""
        return tuple(each.trunk for each in self.taken)

    @property
    def rate_per_minute(self) -> Decimal | None:
        """The dearest that the call may come to, in yen; None where no rate is known."""
        rates = (each.route.rate_per_minute for each in self.taken)
        return max((rate for rate in rates if rate is not None), default=None)

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """What was weighed, as a step of a trace names it."""
        return (("weighed", ", ".join(map(str, self.weighed))),)

    @property
    def said(self) -> str:
        """What came of it, in words."""
        if self.lack is not None:
            return self.lack.value
        return ", then ".join(trunk.name for trunk in self.trunks)


class _Rule(msgspec.Struct, frozen=True):
    trunk: Trunk
    route: CarrierRoute
    priority: int
    rank: int
    """Its place in its tier while nothing is shared out."""


class _Tier(msgspec.Struct, frozen=True):
    """The routes to one destination, in order while nothing is shared out."""

    rules: tuple[_Rule, ...] = ()
    is_shared: bool = False
    """Whether some have a weight, so that each call has an order of its own."""


_EMPTY = _Tier()


@dataclass(frozen=True, slots=True, repr=False)
class CarrierPlan:
    """Every trunk and route, indexed by destination; a part of the directory."""

    trunks: tuple[Trunk, ...]
    routes: tuple[CarrierRoute, ...]
    faults: tuple[str, ...]
    """What contradicts itself; a plan with faults is not to be used."""
    _prefixes: Mapping[str, _Tier]
    _kinds: Mapping[NumberKind, _Tier]
    _any: _Tier
    _longest: int

    @classmethod
    def build(cls, trunks: Iterable[Trunk], routes: Iterable[CarrierRoute] = ()) -> "CarrierPlan":
        """Index trunks and their routes."""
        ordered = tuple(sorted(trunks, key=lambda trunk: (trunk.priority, trunk.name)))
        listed = tuple(routes)
        tiers = _tiers(ordered, listed)
        prefixes = {key.prefix: tier for key, tier in tiers.items() if key.prefix}
        return cls(
            trunks=ordered,
            routes=listed,
            faults=tuple(_faults(ordered, listed)),
            _prefixes=prefixes,
            _kinds={key.kind: tier for key, tier in tiers.items() if key.kind is not None},
            _any=tiers.get(ANY, _EMPTY),
            _longest=max(map(len, prefixes), default=0),
        )

    def tiers(self, number: Number) -> Iterator[_Tier]:
        """Return the routes that lead to a number, the closest destination first."""
        text = number.text
        for length in range(min(len(text), self._longest), 0, -1):
            tier = self._prefixes.get(text[:length])
            if tier is not None:
                yield tier
        yield self._kinds.get(number.kind, _EMPTY)
        yield self._any

    def __repr__(self) -> str:
        return f"<CarrierPlan {len(self.trunks)} trunks, {len(self.routes)} routes>"


def select(
    plan: CarrierPlan, number: Number, presented: str | None, at: float, standing: Standing
) -> Selection:
    """Choose the trunks for a call, presenting a number in E.164, at a Unix time.

    An emergency call is kept back by nothing: what is out of hours, full, down or does not carry
    the number comes last instead, and every trunk stands in where none is meant for such calls.
    """
    if number.kind is NumberKind.EMERGENCY:
        return _emergency(plan, number, presented, standing)
    weighed: list[Weighed] = []
    judged: set[str] = set()
    for tier in plan.tiers(number):
        for rule in _ordered(tier, number, presented, at):
            if rule.trunk.name in judged:
                continue
            verdict = _verdict(rule, presented, at, standing)
            if verdict is not Verdict.CLOSED:
                judged.add(rule.trunk.name)
            weighed.append(Weighed(rule.trunk, rule.route, verdict))
    return Selection(tuple(weighed), _lack(plan, weighed))


def _emergency(
    plan: CarrierPlan, number: Number, presented: str | None, standing: Standing
) -> Selection:
    routes: dict[str, _Rule] = {}
    for tier in plan.tiers(number):
        for rule in tier.rules:
            routes.setdefault(rule.trunk.name, rule)
    rules = list(routes.values()) or [_stand_in(trunk) for trunk in plan.trunks]
    rules.sort(
        key=lambda rule: (
            not standing.is_healthy(rule.trunk.name) or _is_full(rule.trunk, standing),
            presented is not None and not rule.trunk.carries(presented),
        )
    )
    weighed = [Weighed(rule.trunk, rule.route, Verdict.TAKEN) for rule in rules]
    return Selection(tuple(weighed), _lack(plan, weighed))


def _stand_in(trunk: Trunk) -> _Rule:
    return _Rule(trunk, CarrierRoute(trunk.name), trunk.priority, 0)


def _verdict(rule: _Rule, presented: str | None, at: float, standing: Standing) -> Verdict:
    trunk = rule.trunk
    if not rule.route.hours.hold(at):
        return Verdict.CLOSED
    if presented is not None and not trunk.carries(presented):
        return Verdict.NOT_CARRIED
    if _is_full(trunk, standing):
        return Verdict.FULL
    return Verdict.TAKEN if standing.is_healthy(trunk.name) else Verdict.DOWN


def _is_full(trunk: Trunk, standing: Standing) -> bool:
    limit = trunk.max_calls
    return limit is not None and standing.held(LimitKey(LimitKind.TRUNK, trunk.name)) >= limit


def _lack(plan: CarrierPlan, weighed: list[Weighed]) -> Lack | None:
    verdicts = {each.verdict for each in weighed}
    if Verdict.TAKEN in verdicts:
        return None
    if not plan.trunks:
        return Lack.NO_TRUNK
    if verdicts & {Verdict.DOWN, Verdict.FULL}:
        return Lack.UNAVAILABLE
    return Lack.NUMBER_NOT_CARRIED if Verdict.NOT_CARRIED in verdicts else Lack.NO_ROUTE


def _ordered(tier: _Tier, number: Number, presented: str | None, at: float) -> Iterable[_Rule]:
    """Put one destination's routes into the order of this call."""
    if not tier.is_shared:
        return tier.rules
    seed = f"{presented}\0{number.text}\0{int(at)}\0"
    return sorted(tier.rules, key=lambda rule: (rule.priority, _draw(rule, seed), rule.rank))


def _draw(rule: _Rule, seed: str) -> float:
    """Return a call's draw for a route: sorted, they share the calls out by weight.

    The smallest of exponential variates, each with its weight for a rate, is a route's with a
    probability in proportion to its weight, and so are the second and the rest among what is left.
    """
    weight = rule.route.weight
    if weight is None:
        return -1.0
    if weight == 0:
        return inf
    digest = blake2b(f"{seed}{rule.trunk.name}".encode(), digest_size=8).digest()
    uniform = (int.from_bytes(digest) + 1) / (2**64 + 1)
    return -log(uniform) / weight


def _tiers(
    trunks: tuple[Trunk, ...], routes: tuple[CarrierRoute, ...]
) -> Mapping[Destination, _Tier]:
    named = {route.trunk for route in routes}
    by_name = {trunk.name: trunk for trunk in trunks}
    everything = tuple(CarrierRoute(trunk.name) for trunk in trunks if trunk.name not in named)
    found: dict[Destination, list[CarrierRoute]] = defaultdict(list)
    for route in (*routes, *everything):
        if route.trunk in by_name:
            found[route.destination].append(route)
    return {destination: _tier(of_it, by_name) for destination, of_it in found.items()}


def _tier(routes: list[CarrierRoute], trunks: Mapping[str, Trunk]) -> _Tier:
    def order(route: CarrierRoute) -> tuple[int, Decimal, int, str]:
        rate = _UNPRICED if route.rate_per_minute is None else route.rate_per_minute
        return _priority(route, trunks), rate, trunks[route.trunk].priority, route.trunk

    rules = tuple(
        _Rule(trunks[route.trunk], route, _priority(route, trunks), rank)
        for rank, route in enumerate(sorted(routes, key=order))
    )
    is_shared = len(rules) > 1 and any(route.weight is not None for route in routes)
    return _Tier(rules, is_shared)


_UNPRICED = Decimal("Infinity")
"""A route without a rate comes after those that have one."""


def _priority(route: CarrierRoute, trunks: Mapping[str, Trunk]) -> int:
    return trunks[route.trunk].priority if route.priority is None else route.priority


def _faults(trunks: tuple[Trunk, ...], routes: tuple[CarrierRoute, ...]) -> Iterator[str]:
    names = {trunk.name for trunk in trunks}
    seen: set[tuple[str, Destination, Hours]] = set()
    for route in routes:
        if route.trunk not in names:
            yield f"the route for {route.destination} names {route.trunk}, which is no trunk"
        key = (route.trunk, route.destination, route.hours)
        if key in seen:
            yield f"the route of {route} is there twice"
        seen.add(key)
    if names <= {route.trunk for route in routes}:
        for text in sorted(EMERGENCY_NUMBERS) if names else ():
            number = Number.parse(text)
            if not any(route.destination.holds(number) for route in routes):
                yield f"no trunk carries emergency calls to {text}"
