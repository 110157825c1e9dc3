"""Devices: which go first."""

import pytest

from routing.device import DEFAULT_BARRED, DeviceKind
from routing.number import NumberKind


@pytest.mark.parametrize(
    ("kind", "fixed"),
    [(DeviceKind.FIXED, True), (DeviceKind.ATA, True), (DeviceKind.APP, False)],
)
def test_a_phone_behind_an_ata_is_as_fixed_as_a_desk_phone(
    kind: DeviceKind, *, fixed: bool
) -> None:
    assert kind.is_fixed is fixed


def test_abroad_carrier_prefixes_and_premium_services_are_barred_until_asked_for() -> None:
    assert {
        NumberKind.INTERNATIONAL,
        NumberKind.CARRIER_SELECTION,
        NumberKind.SERVICE,
    } == DEFAULT_BARRED
