"""Channels: what is claimed, and whether it is there."""

from dataclasses import replace

from routing.case import Case
from routing.channel import (
    caller_claims,
    contract_claim,
    device_claim,
    exhausted,
    joined,
    number_claim,
)
from routing.decision import RefusalCause
from routing.limit import Claim, LimitKey, LimitKind
from routing.standing import AssumedStanding
from routing.trace import Finding, Rule
from tests.support.routed import DESK, MAIN, OFFICE, SHARED, directory, outside

NUMBER = Claim(LimitKey(LimitKind.NUMBER, SHARED), 3)
CONTRACT = Claim(LimitKey(LimitKind.CONTRACT, "c1"), 5)
DEVICE = Claim(LimitKey(LimitKind.DEVICE, "desk"), 2)


def case(**used: int) -> Case:
    keys = {"number": NUMBER.key, "contract": CONTRACT.key, "device": DEVICE.key}
    in_progress = {keys[name]: count for name, count in used.items()}
    return Case(outside(), directory(), AssumedStanding(in_progress=in_progress))


def test_only_shared_numbers_have_channels_as_many_as_the_contract_has_ids() -> None:
    assert number_claim(OFFICE, MAIN) == NUMBER
    assert number_claim(OFFICE, OFFICE.all_lines()[1]) is None


def test_contracts_and_devices_are_limited_where_they_say_so() -> None:
    assert contract_claim(OFFICE) is None
    assert contract_claim(replace(OFFICE, max_calls=5)) == CONTRACT
    assert device_claim(DESK) is None
    assert device_claim(replace(DESK, max_calls=2)) == DEVICE


def test_a_caller_claims_the_shared_number_that_it_presents() -> None:
    limited = replace(OFFICE, max_calls=5), replace(DESK, max_calls=2)
    assert caller_claims(*limited, MAIN) == (NUMBER, DEVICE, CONTRACT)
    assert caller_claims(OFFICE, DESK, None) == ()


def test_a_call_claims_one_thing_once() -> None:
    assert joined((CONTRACT,), None, CONTRACT, NUMBER) == (CONTRACT, NUMBER)


def test_the_first_claim_that_is_exhausted_is_the_cause() -> None:
    full = case(number=3, contract=5, device=2)
    assert exhausted(full, (NUMBER, CONTRACT)) is RefusalCause.CHANNELS_FULL
    assert exhausted(full, (CONTRACT,)) is RefusalCause.CONTRACT_FULL
    assert exhausted(full, (DEVICE,)) is RefusalCause.DEVICE_FULL


def test_a_claim_is_met_below_its_limit_and_the_trace_says_by_how_much() -> None:
    free = case(number=2)
    assert exhausted(free, (NUMBER, DEVICE)) is None
    steps = free.trace.steps()
    assert [(step.rule, step.outcome) for step in steps] == [
        (Rule.CHANNELS, Finding.FREE),
        (Rule.DEVICE_CALLS, Finding.FREE),
    ]
    assert steps[0].inputs == (("number", SHARED), ("used", "2"), ("limit", "3"))
