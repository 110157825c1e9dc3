"""A destination: the called numbers that a carrier route is for."""

import re
from dataclasses import dataclass

from routing.number import COUNTRY_CODE, INTERNATIONAL_PREFIX, MAX_DIGITS, Number, NumberKind

_NATIONAL_CODES = ("0120", "0800", "0570", "0170", "0180", "0990", "00", "1")
"""How numbers begin that E.164 does not express, and that stay national inside."""

_DIGITS = re.compile(rf"\+?[0-9]{{1,{MAX_DIGITS}}}", re.ASCII)
_SEPARATORS = str.maketrans("", "", "- ")
_KINDS = {kind.value: kind for kind in NumberKind}


@dataclass(frozen=True, slots=True)
class Destination:
    """Numbers that begin with a prefix, numbers of a kind, or, with neither, every number."""

    prefix: str = ""
    """As `Number.text` begins: `+8190`, `+1`, `0120`, `110`."""
    kind: NumberKind | None = None

    @classmethod
    def parse(cls, text: str) -> "Destination":
        """Read `any`, a kind such as `mobile`, or a prefix: `+8190`, `090`, `0101`, `0120`, `110`.

        A national prefix is one of E.164 written for those who dial; `ValueError` for anything
        else.
        """
        if text == "any":
            return ANY
        kind = _KINDS.get(text)
        if kind is not None:
            return cls(kind=kind)
        digits = text.translate(_SEPARATORS)
        if _DIGITS.fullmatch(digits) is None:
            raise ValueError("use any, a kind of number such as mobile, or a prefix such as +8190")
        return cls(_inner(digits))

    def holds(self, number: Number) -> bool:
        """Tell whether a number is meant."""
        if self.kind is not None:
            return number.kind is self.kind
        return number.text.startswith(self.prefix)

    def __str__(self) -> str:
        return self.prefix or (self.kind.value if self.kind is not None else "any")


ANY = Destination()


def _inner(digits: str) -> str:
    if digits.startswith("+") or digits.startswith(_NATIONAL_CODES):
        return digits
    if digits == INTERNATIONAL_PREFIX:
        raise ValueError("write international for every other country, or a country's +code")
    if digits.startswith(INTERNATIONAL_PREFIX):
        return "+" + digits[len(INTERNATIONAL_PREFIX) :]
    if digits.startswith("0"):
        return f"+{COUNTRY_CODE}{digits[1:]}"
    raise ValueError("begin a prefix with +, 0 or 1, as it is dialled in Japan")
