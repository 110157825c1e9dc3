"""The `[fraud]` table."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from config.fraud import USUAL_RATES, Fraud
from routing.number import NumberKind


def test_what_is_not_written_is_as_usual() -> None:
    fraud = Fraud.model_validate({"device": {"abroad": {"yen_per_day": 10}}, "rates": {"navi": 1}})
    assert fraud.device.abroad.yen_per_day == 10
    assert fraud.device.abroad.calls_at_once == Fraud().device.abroad.calls_at_once
    assert fraud.yen_a_minute == USUAL_RATES | {"navi": Decimal(1)}


def test_every_kind_that_is_priced_is_a_kind_of_number() -> None:
    kinds = {kind.value for kind in NumberKind} - {"emergency"}
    assert Fraud.model_validate({"rates": dict.fromkeys(kinds, 2)}).yen_a_minute.keys() == kinds


def test_an_emergency_call_has_no_price_and_a_limit_is_never_negative() -> None:
    for wrong in ({"rates": {"emergency": 1}}, {"device": {"abroad": {"calls_per_day": -1}}}):
        with pytest.raises(ValidationError):
            Fraud.model_validate(wrong)


def test_what_is_allowed_abroad_is_less_than_inside_the_country() -> None:
    for table in (Fraud().device, Fraud().contract):
        abroad, domestic = table.abroad.model_dump(), table.domestic.model_dump()
        assert all(abroad[name] < domestic[name] for name in abroad)
