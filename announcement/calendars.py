"""The calendars in force, by number: the question that routing asks for each call (R44, R46).

An answer is kept until the time at which it may change, so that a call costs one look-up.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from announcement.calendar import Calendar
from announcement.clock import Instant
from announcement.explanation import Explanation, explain
from announcement.result import OPEN, Result
from announcement.rule import Switch


class _Kept(NamedTuple):
    since: int
    until: int
    is_open: bool


class Calendars:
    """What is open now; a number without a calendar always is."""

    def __init__(
        self,
        calendars: Mapping[str, Calendar] | None = None,
        switches: Mapping[str, Switch] | None = None,
    ) -> None:
        self._written: dict[str, Calendar] = {}
        self._switches = dict(switches or {})
        self._in_force: dict[str, Calendar] = {}
        # One entry for each number that has a calendar, never more.
        self._kept: dict[str, _Kept] = {}
        self.replace(calendars or {})

    @property
    def switches(self) -> Mapping[str, Switch]:
        """What was switched by hand since, by number: to be stored and given back at a start."""
        return dict(self._switches)

    def replace(self, calendars: Mapping[str, Calendar]) -> None:
        """Take other calendars, by numbers in E.164; what was switched by hand stays so."""
        self._written = dict(calendars)
        self._switches = {
            number: switch for number, switch in self._switches.items() if number in calendars
        }
        self._in_force = {number: self._switched(number) for number in calendars}
        self._kept.clear()

    def switch(self, number: str, switch: Switch | None) -> None:
        """Set a number's calendar aside by hand (臨時), or with None let it count as written.

        Raises `KeyError` for a number without a calendar.
        """
        calendar = self._written[number]
        if switch is None:
            self._switches.pop(number, None)
        else:
            self._switches[number] = switch
        self._in_force[number] = calendar if switch is None else replace(calendar, switch=switch)
        self._kept.pop(number, None)

    def is_open(self, number: str, at: float) -> bool:
        """Tell whether a number's office is open at a Unix time."""
        kept = self._kept.get(number)
        if kept is not None and kept.since <= at < kept.until:
            return kept.is_open
        calendar = self._in_force.get(number)
        if calendar is None:
            return True
        segment = calendar.segment(at)
        is_open = segment.result.is_open
        self._kept[number] = _Kept(segment.start, segment.end, is_open)
        return is_open

    def result(self, number: str, at: Instant) -> Result:
        """Tell what callers of a number get."""
        calendar = self._in_force.get(number)
        return OPEN if calendar is None else calendar.result(at)

    def next_change(self, number: str, at: Instant) -> int | None:
        """Return the Unix time at which the result changes next, None if it does not for long."""
        calendar = self._in_force.get(number)
        return None if calendar is None else calendar.next_change(at)

    def explain(self, number: str, at: Instant) -> Explanation | None:
        """Weigh the rules of a number's calendar, or return None if it has none."""
        calendar = self._in_force.get(number)
        return None if calendar is None else explain(calendar, at)

    def calendar(self, number: str) -> Calendar | None:
        """Return a number's calendar as it is in force, such as for a picture."""
        return self._in_force.get(number)

    def _switched(self, number: str) -> Calendar:
        calendar, switch = self._written[number], self._switches.get(number)
        return calendar if switch is None else replace(calendar, switch=switch)
