"""Budgets as values: what they count and whom they leave to the configuration."""

import pytest

from routing.budget import ABROAD_KINDS, Allowance, Budget, Scope
from routing.device import DEFAULT_BARRED
from routing.number import NumberKind


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        (NumberKind.INTERNATIONAL, Scope.ABROAD),
        (NumberKind.CARRIER_SELECTION, Scope.ABROAD),
        (NumberKind.SERVICE, Scope.ABROAD),
        (NumberKind.FIXED, Scope.DOMESTIC),
        (NumberKind.NAVI, Scope.DOMESTIC),
    ],
)
def test_calls_abroad_and_to_information_services_have_a_budget_of_their_own(
    kind: NumberKind, scope: Scope
) -> None:
    assert Scope.of(kind) is scope


def test_what_is_barred_by_default_is_what_the_tighter_budget_counts() -> None:
    assert ABROAD_KINDS == DEFAULT_BARRED


def test_an_allowance_tells_only_the_budgets_that_it_has() -> None:
    abroad = Budget(calls_at_once=1)
    allowance = Allowance(abroad=abroad)
    assert allowance.budget(Scope.ABROAD) is abroad
    assert allowance.budget(Scope.DOMESTIC) is None
