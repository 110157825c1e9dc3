"""Why a calendar says what it says at a moment: each rule, and what became of it (R45)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from announcement.calendar import Calendar, Verdict, is_pause
from announcement.clock import TOKYO, Instant, midnight, tokyo
from announcement.result import Result
from announcement.rule import Break, DayRule, Rule


class Finding(Enum):
    """What became of a rule."""

    WON = "counts"
    OUTRANKED = "outranked"
    OTHER_DAY = "not on this day"
    OTHER_TIME = "not at this time"
    NIGHT_BEFORE = "begins when the hours of the night before have run out"
    CLOSED_ANYWAY = "nothing to interrupt: closed anyway"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A rule and what became of it."""

    rule: Rule
    finding: Finding

    def __str__(self) -> str:
        rule = self.rule
        return f"{rule.priority:4}  {rule.kind.value} {rule.name!r}: {self.finding.value}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result at a moment and the rules weighed, the greatest priority first."""

    calendar: str
    at: datetime
    """In Asia/Tokyo."""
    result: Result
    rule: Rule
    weighed: tuple[Weighed, ...]
    next_change: datetime | None
    """In Asia/Tokyo; None: not within the days surveyed."""

    def __str__(self) -> str:
        until = "" if self.next_change is None else f" until {_written(self.next_change)}"
        head = f"{self.calendar} at {_written(self.at)}: {self.result}{until}"
        return "\n".join([head, *map(str, self.weighed)])


def explain(calendar: Calendar, at: Instant) -> Explanation:
    """Weigh every rule of a calendar at an instant, and tell what became of each."""
    moment = tokyo(at)
    day = moment.date()
    second = int(moment.timestamp()) - midnight(day)
    scene = _Scene(calendar, day, second)
    rules: list[Rule] = [
        *([] if calendar.switch is None else [calendar.switch]),
        *calendar.events,
        *calendar.breaks,
        *calendar.days,
        calendar.weekly,
    ]
    weighed = (Weighed(rule, scene.finding(rule)) for rule in rules)
    change = calendar.next_change(at)
    return Explanation(
        calendar.name,
        moment,
        scene.verdict.result,
        scene.verdict.rule,
        tuple(sorted(weighed, key=lambda each: -each.rule.priority)),
        None if change is None else datetime.fromtimestamp(change, TOKYO),
    )


class _Scene:
    """A second of a day, and what counts there."""

    def __init__(self, calendar: Calendar, day: date, second: int) -> None:
        self.verdict = calendar.verdict(day, second)
        self._own: Verdict = calendar.day_verdict(day, second)
        self._todays = calendar.day_rule(day)
        self._day, self._second = day, second

    def finding(self, rule: Rule) -> Finding:
        """Tell what became of a rule."""
        if rule is self.verdict.rule:
            return Finding.WON
        if isinstance(rule, DayRule):
            return self._of_days(rule)
        if isinstance(rule, Break):
            return self._of_break(rule)
        holds = rule.holds(midnight(self._day) + self._second)
        return Finding.OUTRANKED if holds else Finding.OTHER_TIME

    def _of_days(self, rule: DayRule) -> Finding:
        if rule is self._own.rule:
            return Finding.OUTRANKED
        if rule is self._todays:
            return Finding.NIGHT_BEFORE
        return Finding.OUTRANKED if rule.days.hold(self._day) else Finding.OTHER_DAY

    def _of_break(self, rule: Break) -> Finding:
        if is_pause(rule, self._day, self._second):
            is_open = self._own.result.is_open
            return Finding.OUTRANKED if is_open else Finding.CLOSED_ANYWAY
        return Finding.OTHER_TIME if rule.days.hold(self._day) else Finding.OTHER_DAY


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
