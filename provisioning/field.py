"""The kinds of value that operators write: numbers, user names, extensions, digest algorithms.

Each reads generously (a bare integer where digits are meant, a number in any form) and keeps one
inner form; what it cannot read it refuses in words that say what would be right.
"""

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from routing.handling import VOICEMAIL
from routing.number import EMERGENCY_NUMBERS, Number, NumberError, is_emergency

JAPAN = timezone(timedelta(hours=9))
"""Asia/Tokyo, which has had no summer time since 1951."""

Algorithm: TypeAlias = Literal["MD5", "SHA-256", "SHA-512-256"]
"""A digest algorithm by its name of RFC 8760."""

_TOKEN = re.compile(r"[A-Za-z0-9._!~*'()&=+$,;?/%-]+")
_EXTENSION = re.compile(r"[1-9][0-9]{1,7}", re.ASCII)
_MAC = re.compile(r"[0-9a-f]{12}")
_MAIL = re.compile(r"[^@\s<>,;]{1,64}@[A-Za-z0-9.-]{1,190}")


class Section(BaseModel):
    """One table; an unknown key in it is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def e164(value: str) -> str:
    """Bring a national (03-1234-5678) or international (+81312345678) number to E.164."""
    try:
        number = Number.parse(value)
    except NumberError:
        number = None
    if number is None or not number.is_e164:
        raise ValueError("write a number as 0312345678 or as +81312345678")
    return number.text


def forward_target(value: str) -> str:
    """Bring where a call is forwarded to its inner form: voicemail, an extension, a number."""
    if is_emergency(value):
        raise ValueError("choose a target that is no emergency number: no call is forwarded there")
    if value == VOICEMAIL or _EXTENSION.fullmatch(value):
        return value
    try:
        return Number.parse(value).text
    except NumberError:
        right = "write voicemail, an extension, or a number as 0312345678 or +81312345678"
        raise ValueError(right) from None


def _user(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("use letters, digits and ._- only, as in a SIP address's user part")
    return value


def _extension(value: str) -> str:
    if value in EMERGENCY_NUMBERS:
        raise ValueError("choose an extension that is no emergency number")
    return value


def _text(value: object) -> object:
    """Accept a bare number where digits are meant: `extension = 101`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _mac(value: str) -> str:
    digits = re.sub(r"[:.-]", "", value.lower())
    if not _MAC.fullmatch(digits):
        raise ValueError("write a MAC address as 00:0b:82:12:34:56")
    return ":".join(digits[position : position + 2] for position in range(0, 12, 2))


def _mail(value: str) -> str:
    if not _MAIL.fullmatch(value):
        raise ValueError("write a mail address as fax@example.jp")
    return value


def _moment(value: object) -> object:
    """Read a day, or a time without a zone, as Japan's."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("write a day as 2027-01-31 or a time as 2027-01-31T09:00") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), JAPAN)
    if isinstance(value, datetime):
        return value.replace(tzinfo=JAPAN) if value.tzinfo is None else value.astimezone(JAPAN)
    return value


TelephoneNumber = Annotated[str, BeforeValidator(_text), AfterValidator(e164)]
ForwardTarget = Annotated[str, BeforeValidator(_text), AfterValidator(forward_target)]
"""`voicemail`, an extension of the contract, or a number; never an emergency number."""
UserName = Annotated[str, BeforeValidator(_text), Field(max_length=64), AfterValidator(_user)]
Extension = Annotated[
    str,
    BeforeValidator(_text),
    Field(pattern=r"^[1-9][0-9]{1,7}$"),
    AfterValidator(_extension),
]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\r\n]*$")]
"""A text of one line."""
ShortLine = Annotated[str, Field(max_length=64, pattern=r"^[^\r\n]*$")]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|001)$")]
"""A country's two letters (ISO 3166), or 001 for the networks of no country."""
MacAddress = Annotated[str, AfterValidator(_mac)]
MailAddress = Annotated[str, Field(max_length=254), AfterValidator(_mail)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
CallCount = Annotated[int, Field(ge=1, le=1_000_000)]
