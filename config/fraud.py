"""The `[fraud]` table: budgets of calls out for contracts that name none, and what calls cost."""

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from provisioning.field import Section

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Yen = Annotated[int, Field(ge=0, le=1_000_000_000)]
Rate = Annotated[Decimal, Field(ge=0, le=100_000)]

Kind: TypeAlias = Literal[
    "fixed",
    "mobile",
    "ip_phone",
    "m2m",
    "pager",
    "fmc",
    "freephone",
    "navi",
    "service",
    "short_code",
    "carrier_selection",
    "international",
]
"""A kind of number, as `routing.number` tells them apart."""


class DeviceDomestic(Section):
    """What one ID may call inside the country: more than any desk calls."""

    calls_per_hour: Count = 200
    calls_per_day: Count = 1000
    calls_at_once: Count = 20
    yen_per_day: Yen = 20_000


class DeviceAbroad(Section):
    """What one ID may call abroad and of information services."""

    calls_per_hour: Count = 20
    calls_per_day: Count = 60
    calls_at_once: Count = 2
    yen_per_day: Yen = 5000


class ContractDomestic(Section):
    """What all IDs of a contract may call inside the country."""

    calls_per_hour: Count = 2000
    calls_per_day: Count = 10_000
    calls_at_once: Count = 500
    yen_per_day: Yen = 200_000


class ContractAbroad(Section):
    """What all IDs of a contract may call abroad and of information services."""

    calls_per_hour: Count = 60
    calls_per_day: Count = 300
    calls_at_once: Count = 6
    yen_per_day: Yen = 20_000


class DeviceFraud(Section):
    """The budgets of one ID."""

    domestic: DeviceDomestic = DeviceDomestic()
    abroad: DeviceAbroad = DeviceAbroad()


class ContractFraud(Section):
    """The budgets of one contract."""

    domestic: ContractDomestic = ContractDomestic()
    abroad: ContractAbroad = ContractAbroad()


USUAL_RATES: dict[Kind, Decimal] = {
    "fixed": Decimal(3),
    "mobile": Decimal(18),
    "ip_phone": Decimal(11),
    "navi": Decimal(40),
    "service": Decimal(100),
    "carrier_selection": Decimal(100),
    "international": Decimal(100),
}
"""Rounded up from what carriers take; what is missing costs nothing."""


class Fraud(Section):
    """What may be called out in sliding windows, and when a call is too long."""

    device: DeviceFraud = DeviceFraud()
    contract: ContractFraud = ContractFraud()
    rates: dict[Kind, Rate] = USUAL_RATES
    noteworthy_calls: int = Field(default=30, ge=1, le=1_000_000)
    longest_abroad: float = Field(default=7200.0, ge=60, le=604_800)
    end_calls: bool = False

    @property
    def yen_a_minute(self) -> dict[Kind, Decimal]:
        """The rates, with the usual ones where none is written."""
        return {**USUAL_RATES, **self.rates}
