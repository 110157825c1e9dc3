"""The trace: every rule that a decision weighed, what it looked at and what it found.

Rules and findings are codes, and each rule tells the same inputs whatever it finds, so that a story
in any language is a catalogue of templates: one for each pair of `OUTCOMES`, with the inputs of
`INPUTS` as its fields. An input that has no value is the empty text.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Rule(StrEnum):
    """A rule, in about the order in which they are weighed."""

    EMERGENCY = "emergency"
    """Is it 110, 118 or 119? Before everything else."""
    CONTRACT = "contract"
    """May the caller's contract make calls at all?"""
    EXTENSION = "extension"
    """Is it an extension of the caller's contract?"""
    FEATURE = "feature"
    """Is it a code of the switch's own features?"""
    PRESENTATION = "presentation"
    """Is the caller shown (184, 186, Privacy)?"""
    NUMBER = "number"
    """Is it a number that can be dialled?"""
    CALLER_ID = "caller_id"
    """Which number does a device present?"""
    ON_NET = "on_net"
    """Is it a number of this switch?"""
    BARRING = "barring"
    """May the device call this kind of number?"""
    COUNTRY = "country"
    """Is it a number of a country that the device may call?"""
    BLOCK = "block"
    """Is the device kept from paid calls: a spent budget, an operator's block?"""
    TRUNKS = "trunks"
    """Which carriers take it, in which order?"""
    DID = "did"
    """Which number does a carrier's call ask for?"""
    LINE = "line"
    """Is the called number in service?"""
    REJECTION = "rejection"
    """Is the caller on the called contract's list?"""
    ANONYMITY = "anonymity"
    """May a caller who is not shown call?"""
    SCREENING = "screening"
    """Does the called ID want this caller?"""
    FORWARD = "forward"
    """Does the called ID send the call on, and may it?"""
    DO_NOT_DISTURB = "do_not_disturb"
    """Is the ID not to be disturbed?"""
    CHANNELS = "channels"
    """Has a representative number a channel left?"""
    CONTRACT_CALLS = "contract_calls"
    """Has a contract a call left?"""
    DEVICE_CALLS = "device_calls"
    """Has a device a call left?"""
    WHEN_FULL = "when_full"
    """What does a caller get for whom there is no channel?"""
    FAX = "fax"
    """Does cloud FAX answer the number?"""
    HOURS = "hours"
    """Is the number inside its business hours?"""
    RING_PLAN = "ring_plan"
    """Which devices ring, in which order?"""
    VOICEMAIL = "voicemail"
    """Does voicemail answer when nobody does?"""


class Finding(StrEnum):
    """What a rule found."""

    YES = "yes"
    NO = "no"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RINGS = "rings"
    OWN = "own"
    """The caller called itself."""
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    NOT_SERVED = "not_served"
    SHOWN = "shown"
    SHOWN_BY_PREFIX = "shown_by_prefix"
    WITHHELD = "withheld"
    WITHHELD_BY_PREFIX = "withheld_by_prefix"
    WITHHELD_REFUSED = "withheld_refused"
    VALID = "valid"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    DIRECT = "direct"
    SETTING = "setting"
    CHOSEN = "chosen"
    NOT_ASSIGNED = "not_assigned"
    FOREIGN = "foreign"
    NOT_YET = "not_yet"
    """A port-in whose date has not come."""
    HERE = "here"
    ELSEWHERE = "elsewhere"
    ALLOWED = "allowed"
    BARRED = "barred"
    NOT_CONFIGURED = "not_configured"
    NO_ROUTE = "no_route"
    NOT_CARRIED = "not_carried"
    UNAVAILABLE = "unavailable"
    IN_SERVICE = "in_service"
    LISTED = "listed"
    NOT_LISTED = "not_listed"
    FREE = "free"
    FULL = "full"
    BUSY = "busy"
    ANNOUNCED = "announced"
    NOT_CONTRACTED = "not_contracted"
    ONLY = "only"
    SHARED = "shared"
    OPEN = "open"
    CLOSED = "closed"
    FIXED_FIRST = "fixed_first"
    """The fixed phones, then the apps."""
    FIXED_ALONE = "fixed_alone"
    """The fixed phones; no app is there to follow."""
    APPS_INSTEAD = "apps_instead"
    """The apps at once: no fixed phone is reachable or free."""
    APPS_ALONE = "apps_alone"
    """The apps at once: no fixed phone rings for the number."""
    ALL_BUSY = "all_busy"
    NOBODY_RINGS = "nobody_rings"
    """No device rings for the number, but perhaps the caller's own."""
    AFTER_DELAY = "after_delay"
    AT_ONCE = "at_once"
    ALWAYS = "always"
    NO_ANSWER = "no_answer"
    LOOP = "loop"
    TOO_MANY = "too_many"
    SILENT = "silent"


INPUTS: Mapping[Rule, tuple[str, ...]] = {
    Rule.EMERGENCY: ("called",),
    Rule.CONTRACT: ("contract",),
    Rule.EXTENSION: ("contract", "called", "device"),
    Rule.FEATURE: ("called", "feature"),
    Rule.PRESENTATION: ("called",),
    Rule.NUMBER: ("called", "number", "kind"),
    Rule.CALLER_ID: ("device", "asked", "number"),
    Rule.ON_NET: ("number", "contract"),
    Rule.BARRING: ("device", "kind"),
    Rule.COUNTRY: ("number", "country"),
    Rule.BLOCK: ("device", "reason"),
    Rule.TRUNKS: ("number", "presented", "weighed", "trunks"),
    Rule.DID: ("trunk", "called", "number"),
    Rule.LINE: ("number", "contract"),
    Rule.REJECTION: ("caller", "contract"),
    Rule.ANONYMITY: ("caller", "contract"),
    Rule.SCREENING: ("caller", "device"),
    Rule.FORWARD: ("device", "target"),
    Rule.DO_NOT_DISTURB: ("device",),
    Rule.CHANNELS: ("number", "used", "limit"),
    Rule.CONTRACT_CALLS: ("contract", "used", "limit"),
    Rule.DEVICE_CALLS: ("device", "used", "limit"),
    Rule.WHEN_FULL: ("number",),
    Rule.FAX: ("number",),
    Rule.HOURS: ("number",),
    Rule.RING_PLAN: ("number", "fixed", "apps", "late"),
    Rule.VOICEMAIL: ("number", "seconds"),
}
"""What each rule looked at; lists are joined by a comma and a space."""

_LEFT = frozenset({Finding.FREE, Finding.FULL})

OUTCOMES: Mapping[Rule, frozenset[Finding]] = {
    Rule.EMERGENCY: frozenset({Finding.YES, Finding.NO}),
    Rule.CONTRACT: frozenset({Finding.ACTIVE, Finding.SUSPENDED}),
    Rule.EXTENSION: frozenset(
        {Finding.NO, Finding.OWN, Finding.HERE, Finding.RINGS, Finding.BUSY, Finding.UNREACHABLE}
    ),
    Rule.FEATURE: frozenset({Finding.NO, Finding.YES, Finding.NOT_SERVED, Finding.UNKNOWN}),
    Rule.PRESENTATION: frozenset(
        {Finding.SHOWN, Finding.SHOWN_BY_PREFIX, Finding.WITHHELD, Finding.WITHHELD_BY_PREFIX}
    ),
    Rule.NUMBER: frozenset({Finding.VALID, Finding.MALFORMED, Finding.UNKNOWN}),
    Rule.CALLER_ID: frozenset(
        {
            Finding.DIRECT,
            Finding.SETTING,
            Finding.CHOSEN,
            Finding.NOT_ASSIGNED,
            Finding.NOT_YET,
            Finding.FOREIGN,
        }
    ),
    Rule.ON_NET: frozenset({Finding.ELSEWHERE, Finding.HERE, Finding.NOT_YET, Finding.OWN}),
    Rule.BARRING: frozenset({Finding.ALLOWED, Finding.BARRED}),
    Rule.COUNTRY: frozenset(
        {Finding.ALLOWED, Finding.BARRED, Finding.INCOMPLETE, Finding.MALFORMED, Finding.UNKNOWN}
    ),
    Rule.BLOCK: frozenset({Finding.NO, Finding.YES}),
    Rule.TRUNKS: frozenset(
        {
            Finding.CHOSEN,
            Finding.NOT_CONFIGURED,
            Finding.NO_ROUTE,
            Finding.NOT_CARRIED,
            Finding.UNAVAILABLE,
        }
    ),
    Rule.DID: frozenset({Finding.VALID, Finding.MALFORMED, Finding.NOT_CARRIED}),
    Rule.LINE: frozenset({Finding.IN_SERVICE, Finding.UNKNOWN, Finding.NOT_YET, Finding.SUSPENDED}),
    Rule.REJECTION: frozenset({Finding.LISTED, Finding.NOT_LISTED}),
    Rule.ANONYMITY: frozenset({Finding.SHOWN, Finding.WITHHELD, Finding.WITHHELD_REFUSED}),
    Rule.SCREENING: frozenset({Finding.ALLOWED, Finding.LISTED, Finding.WITHHELD_REFUSED}),
    Rule.FORWARD: frozenset(
        {
            Finding.ALWAYS,
            Finding.BUSY,
            Finding.NO_ANSWER,
            Finding.UNREACHABLE,
            Finding.LOOP,
            Finding.TOO_MANY,
            Finding.BARRED,
        }
    ),
    Rule.DO_NOT_DISTURB: frozenset({Finding.YES, Finding.SILENT}),
    Rule.CHANNELS: _LEFT,
    Rule.CONTRACT_CALLS: _LEFT,
    Rule.DEVICE_CALLS: _LEFT,
    Rule.WHEN_FULL: frozenset({Finding.BUSY, Finding.ANNOUNCED}),
    Rule.FAX: frozenset({Finding.NOT_CONTRACTED, Finding.ONLY, Finding.SHARED}),
    Rule.HOURS: frozenset({Finding.NOT_CONTRACTED, Finding.OPEN, Finding.CLOSED}),
    Rule.RING_PLAN: frozenset(
        {
            Finding.DIRECT,
            Finding.FIXED_FIRST,
            Finding.FIXED_ALONE,
            Finding.APPS_INSTEAD,
            Finding.APPS_ALONE,
            Finding.ALL_BUSY,
            Finding.UNREACHABLE,
            Finding.NOBODY_RINGS,
        }
    ),
    Rule.VOICEMAIL: frozenset({Finding.NOT_CONTRACTED, Finding.AFTER_DELAY, Finding.AT_ONCE}),
}
"""Everything that a rule can find; no trace holds another pair."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One rule that was weighed: its name, what it looked at, what came of it."""

    rule: Rule
    outcome: Finding
    values: tuple[str, ...]

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """What it looked at, by the names of the rule's `INPUTS`."""
        return tuple(zip(INPUTS[self.rule], self.values, strict=True))


class Trace:
    """The steps of a decision that is being made."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def note(self, rule: Rule, outcome: Finding, *values: str) -> None:
        """Add what a rule found; the values are those of the rule's `INPUTS`, in their order."""
        self._steps.append(Step(rule, outcome, values))

    def steps(self) -> tuple[Step, ...]:
        """Return what was weighed, in order."""
        return tuple(self._steps)

    def __repr__(self) -> str:
        return f"<Trace {' '.join(f'{step.rule}:{step.outcome}' for step in self._steps)}>"
