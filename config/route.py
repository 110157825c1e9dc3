"""`[[route]]`: which trunk carries calls to a destination, among others that may."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from provisioning.field import Section, UserName
from routing.destination import Destination
from routing.hours import Interval


def _destination(value: object) -> object:
    """Bring a destination to its one form; a bare number is a prefix: `destination = 110`."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return str(Destination.parse(text)) if isinstance(text, str) else text


def _interval(value: str) -> str:
    Interval.parse(value)
    return value


class Route(Section):
    """One trunk for one destination."""

    destination: Annotated[str, BeforeValidator(_destination), Field(max_length=33)]
    trunk: UserName
    priority: int | None = Field(default=None, ge=0, le=1000)
    weight: int | None = Field(default=None, ge=0, le=1000)
    hours: list[Annotated[str, AfterValidator(_interval)]] = Field(default=[], max_length=32)
    rate_per_minute: Decimal | None = Field(default=None, ge=0, le=100_000)
