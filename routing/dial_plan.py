"""The dial plan: what a subscriber may dial beside whole numbers, and that it hides no emergency.

The order in which a dialled text is read is fixed: emergency numbers, extensions, feature codes,
184 and 186, numbers. The plan says which feature codes and short codes there are.

| code            | feature                                                          |
|-----------------|------------------------------------------------------------------|
| `*0`            | park the call in a free slot                                     |
| `*1` … `*9`     | park the call in this slot, or retrieve the one that is there    |
| `**`            | pick up a call that rings in the group                           |
| `**101`         | pick up the call that rings at extension 101                     |
| `*43`           | echo test                                                        |
| `*60 *61 *62`   | after-hours announcement: off now, on now, by its calendar again |
| `*66`           | hand the call over to the fax receiver                           |
| `*72…  *73`     | forward every call to this number, end it                        |
| `*78  *79`      | do not disturb, end it                                           |
| `*97  *98`      | voicemail of the own ID, of another number                       |
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import msgspec

from routing.number import (
    EMERGENCY_NUMBERS,
    MAX_DIGITS,
    PRESENT_PREFIX,
    WITHHOLD_PREFIX,
    is_emergency,
)

_DIALLED = frozenset("0123456789*#")
"""What a key pad has."""


class Feature(StrEnum):
    """What a feature code asks for."""

    PARK = "park"
    PARK_SLOT = "park_slot"
    GROUP_PICKUP = "group_pickup"
    DIRECTED_PICKUP = "directed_pickup"
    ECHO = "echo"
    HOURS_OPEN = "hours_open"
    HOURS_CLOSED = "hours_closed"
    HOURS_CALENDAR = "hours_calendar"
    FAX_HANDOVER = "fax_handover"
    FORWARD = "forward"
    FORWARD_END = "forward_end"
    DO_NOT_DISTURB = "do_not_disturb"
    DO_NOT_DISTURB_END = "do_not_disturb_end"
    VOICEMAIL = "voicemail"
    VOICEMAIL_OTHER = "voicemail_other"


@dataclass(frozen=True, slots=True)
class FeatureCode:
    """A code and how many digits follow it."""

    feature: Feature
    code: str
    fewest: int = 0
    most: int = 0

    def argument(self, text: str) -> str | None:
        """Return the digits behind the code; None when the text is not this code."""
        rest = text[len(self.code) :]
        if not text.startswith(self.code) or not self.fewest <= len(rest) <= self.most:
            return None
        return rest if not rest or rest.isdecimal() else None


class FeatureCall(msgspec.Struct, frozen=True):
    """A feature that was dialled, and the digits behind its code."""

    feature: Feature
    argument: str


DEFAULT_FEATURES = (
    FeatureCode(Feature.PARK, "*0"),
    FeatureCode(Feature.PARK_SLOT, "*", 1, 1),
    FeatureCode(Feature.GROUP_PICKUP, "**"),
    FeatureCode(Feature.DIRECTED_PICKUP, "**", 1, 8),
    FeatureCode(Feature.ECHO, "*43"),
    FeatureCode(Feature.HOURS_OPEN, "*60"),
    FeatureCode(Feature.HOURS_CLOSED, "*61"),
    FeatureCode(Feature.HOURS_CALENDAR, "*62"),
    FeatureCode(Feature.FAX_HANDOVER, "*66"),
    FeatureCode(Feature.FORWARD, "*72", 1, MAX_DIGITS),
    FeatureCode(Feature.FORWARD_END, "*73"),
    FeatureCode(Feature.DO_NOT_DISTURB, "*78"),
    FeatureCode(Feature.DO_NOT_DISTURB_END, "*79"),
    FeatureCode(Feature.VOICEMAIL, "*97"),
    FeatureCode(Feature.VOICEMAIL_OTHER, "*98"),
)

SERVED = frozenset(
    {
        *(Feature.PARK, Feature.PARK_SLOT, Feature.GROUP_PICKUP, Feature.DIRECTED_PICKUP),
        *(Feature.FORWARD, Feature.FORWARD_END),
        *(Feature.DO_NOT_DISTURB, Feature.DO_NOT_DISTURB_END),
    }
)
"""The features behind which there is something."""

DEFAULT_SHORT_CODES = frozenset({"104", "113", "115", "116", "117", "171", "177", "188", "189"})
"""Directory assistance, fault desk, telegrams, orders, time, disaster board, weather, consumers'
and children's hotlines. 104 and 177 have ended; the carrier's announcement says so. `#` and four
digits (`#7119`) need no entry. Any other is nobody's, and more likely a mistyped extension.
"""


@dataclass(frozen=True)
class DialPlan:
    """The codes of a switch."""

    features: tuple[FeatureCode, ...] = DEFAULT_FEATURES
    short_codes: frozenset[str] = DEFAULT_SHORT_CODES

    def feature(self, text: str) -> FeatureCall | None:
        """Find the feature that was dialled; the longest code wins."""
        if text[:1] not in self._starts:
            return None
        for code in self._longest_first:
            argument = code.argument(text)
            if argument is not None:
                return FeatureCall(code.feature, argument)
        return None

    def has_short_code(self, text: str) -> bool:
        """Whether a short code leads somewhere."""
        return text in self.short_codes or text.startswith("#")

    def faults(self, extensions: Iterable[str] = ()) -> Iterator[str]:
        """Name what cannot be dialled as it should, emergency numbers before all."""
        for code in self.features:
            if not code.code or not _DIALLED.issuperset(code.code):
                yield f"the feature code {code.code!r} of {code.feature} cannot be dialled"
        # Emergency numbers are read first whatever a plan says. One that claims them all the same
        # does not say what it does, and would be obeyed by a phone that holds the same plan.
        for number in sorted(EMERGENCY_NUMBERS):
            for dialled in (number, WITHHOLD_PREFIX + number, PRESENT_PREFIX + number):
                shadow = self.feature(dialled)
                if shadow is not None:
                    yield f"the code of {shadow.feature} hides the emergency number {dialled}"
        for extension in extensions:
            yield from self.extension_faults(extension)

    def extension_faults(self, extension: str) -> Iterator[str]:
        """Name what an extension would hide."""
        if is_emergency(extension):
            yield f"the extension {extension} hides an emergency number"
        found = self.feature(extension)
        if found is not None:
            yield f"the extension {extension} hides the code of {found.feature}"

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(code.code[:1] for code in self.features)

    @cached_property
    def _longest_first(self) -> tuple[FeatureCode, ...]:
        return tuple(sorted(self.features, key=lambda code: -len(code.code)))


DEFAULT_PLAN = DialPlan()
