"""Telephone numbers of the Japanese numbering plan (the ministry's number table; ITU-T E.164).

Inside, a number that E.164 can express is `+81…` (or `+` and another country's code); a code that
only has meaning inside the country (short codes, 0120, 0800, 0570, 00XY) stays national.
Nothing here is a dial plan: which number a subscriber may call is the route's business.
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache

import msgspec

COUNTRY_CODE = "81"
INTERNATIONAL_PREFIX = "010"
MAX_DIGITS = 32
"""No number of any plan is longer, prefixes included; what is longer is not looked at."""

WITHHOLD_PREFIX = "184"
PRESENT_PREFIX = "186"

EMERGENCY_NUMBERS = frozenset({"110", "118", "119"})
"""Police, coast guard, fire and ambulance."""

_SEPARATORS = str.maketrans("", "", "-.() ")
_CACHE_SIZE = 4096
"""The same few thousand numbers call each other; a full cache is about 1 MiB."""


class NumberError(ValueError):
    """The text is not a telephone number of any known form."""


class NumberKind(StrEnum):
    """What a number is for, which decides how it is written and whether E.164 can express it."""

    FIXED = "fixed"
    MOBILE = "mobile"
    IP_PHONE = "ip_phone"
    M2M = "m2m"
    PAGER = "pager"
    FMC = "fmc"
    FREEPHONE = "freephone"
    NAVI = "navi"
    SERVICE = "service"
    SHORT_CODE = "short_code"
    EMERGENCY = "emergency"
    CARRIER_SELECTION = "carrier_selection"
    INTERNATIONAL = "international"


class NumberFormat(Enum):
    """How a carrier wants numbers written."""

    E164 = "e164"
    """`+81312345678`."""
    E164_BARE = "e164_bare"
    """`81312345678`."""
    NATIONAL = "national"
    """`0312345678`, and `010` before another country's code."""


class Presentation(Enum):
    """What the caller dialled about showing the own number for this one call."""

    DEFAULT = "default"
    WITHHELD = "withheld"
    PRESENTED = "presented"


_KINDS = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            (NumberKind.EMERGENCY, r"110|118|119"),
            (NumberKind.SHORT_CODE, r"1\d{2,5}|#\d{4}"),
            (NumberKind.FREEPHONE, r"0120\d{6}|0800\d{7}"),
            (NumberKind.NAVI, r"0570\d{6}"),
            (NumberKind.SERVICE, r"0(?:170|180|990)\d{6}"),
            (NumberKind.MOBILE, r"0[789]0[1-9]\d{7}"),
            (NumberKind.IP_PHONE, r"050[1-9]\d{7}"),
            (NumberKind.M2M, r"020[1-35-9]\d{7}|0200\d{10}"),
            (NumberKind.PAGER, r"0204\d{7}"),
            (NumberKind.FMC, r"0600\d{7,10}"),
            (NumberKind.FIXED, r"0(?!20|50|600|[789]0)[1-9]\d{8}"),
            (NumberKind.CARRIER_SELECTION, r"00\d{4,20}"),
        )
    ),
    re.ASCII,
)
_INTERNATIONAL = re.compile(r"[1-9]\d{5,14}", re.ASCII)
_NATIONAL_ONLY = frozenset(
    {
        NumberKind.FREEPHONE,
        NumberKind.NAVI,
        NumberKind.SERVICE,
        NumberKind.SHORT_CODE,
        NumberKind.EMERGENCY,
        NumberKind.CARRIER_SELECTION,
    }
)


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number: its one inner form and its kind.

    `text` begins with `+` when E.164 can express the number, and is national otherwise.
    """

    text: str
    kind: NumberKind

    @classmethod
    def parse(cls, text: str) -> "Number":
        """Read a number as dialled or as a peer wrote it: `+81…`, `010…`, `0…` or a short code.

        Visual separators and a telephone subscriber's parameters (`;phone-context=…`) are dropped.
        Raises `NumberError` for what is no number.
        """
        return _parse(text)

    @property
    def is_e164(self) -> bool:
        """Whether E.164 can express the number."""
        return self.text.startswith("+")

    @property
    def national(self) -> str:
        """The number as dialled in Japan."""
        if not self.is_e164:
            return self.text
        if self.kind is NumberKind.INTERNATIONAL:
            return INTERNATIONAL_PREFIX + self.text[1:]
        return "0" + self.text[1 + len(COUNTRY_CODE) :]

    def written(self, form: NumberFormat) -> str:
        """Return the number as a carrier wants it; national codes are the same in each format."""
        if form is NumberFormat.NATIONAL:
            return self.national
        return self.text.removeprefix("+") if form is NumberFormat.E164_BARE else self.text

    def __str__(self) -> str:
        return self.text


class Dialled(msgspec.Struct, frozen=True):
    """What a subscriber dialled, with a 184 or 186 taken off its front."""

    text: str
    presentation: Presentation


def split_presentation(text: str) -> Dialled:
    """Take the 184 (withhold) or 186 (present) prefix off a dialled number.

    The bare codes 184 and 186, dialled without a number behind them, are left as they are.
    """
    if len(text) > len(WITHHOLD_PREFIX):
        if text.startswith(WITHHOLD_PREFIX):
            return Dialled(text[len(WITHHOLD_PREFIX) :], Presentation.WITHHELD)
        if text.startswith(PRESENT_PREFIX):
            return Dialled(text[len(PRESENT_PREFIX) :], Presentation.PRESENTED)
    return Dialled(text, Presentation.DEFAULT)


def is_emergency(text: str) -> bool:
    """Whether the digits are an emergency number, with or without a 184 or 186 before it."""
    return split_presentation(bare(text)).text in EMERGENCY_NUMBERS


def bare(text: str) -> str:
    """Return a dialled text without visual separators and subscriber parameters, in ASCII.

    No number has other characters; what is none goes into traces and logs as question marks.
    """
    digits = text[: 4 * MAX_DIGITS].partition(";")[0].translate(_SEPARATORS)
    return digits if digits.isascii() else digits.encode("ascii", "replace").decode()


@lru_cache(maxsize=_CACHE_SIZE)
def _parse(text: str) -> Number:
    digits = bare(text)
    if len(digits) > MAX_DIGITS:
        raise NumberError("a number has at most 32 digits")
    if digits.startswith("+"):
        return _from_e164(digits[1:])
    if digits.startswith(INTERNATIONAL_PREFIX):
        return _from_e164(digits[len(INTERNATIONAL_PREFIX) :])
    return _from_national(digits)


def _from_e164(digits: str) -> Number:
    if digits.startswith(COUNTRY_CODE):
        return _from_national("0" + digits[len(COUNTRY_CODE) :])
    if not _INTERNATIONAL.fullmatch(digits):
        raise NumberError("an international number has 6 to 15 digits and does not begin with 0")
    return Number("+" + digits, NumberKind.INTERNATIONAL)


def _from_national(digits: str) -> Number:
    found = _KINDS.fullmatch(digits)
    if found is None:
        raise NumberError("the number has no form of the Japanese numbering plan")
    kind = NumberKind(found.lastgroup or "")
    if kind in _NATIONAL_ONLY:
        return Number(digits, kind)
    return Number(f"+{COUNTRY_CODE}{digits[1:]}", kind)
