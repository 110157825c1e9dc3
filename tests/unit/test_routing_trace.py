"""The trace: what a rule may say."""

import pytest

from routing.trace import INPUTS, OUTCOMES, Finding, Rule, Step, Trace


def test_every_rule_has_inputs_and_findings() -> None:
    assert set(INPUTS) == set(OUTCOMES) == set(Rule)
    assert all(OUTCOMES.values())


def test_no_finding_is_without_a_rule() -> None:
    assert frozenset().union(*OUTCOMES.values()) == set(Finding)


@pytest.mark.parametrize("rule", Rule)
def test_the_inputs_of_a_rule_are_names_that_a_template_can_hold(rule: Rule) -> None:
    assert all(name.isidentifier() for name in INPUTS[rule])
    assert len(set(INPUTS[rule])) == len(INPUTS[rule])


def test_steps_keep_their_order_and_name_what_they_looked_at() -> None:
    trace = Trace()
    trace.note(Rule.EMERGENCY, Finding.NO, "201")
    trace.note(Rule.DEVICE_CALLS, Finding.FREE, "desk", "0", "2")
    assert trace.steps() == (
        Step(Rule.EMERGENCY, Finding.NO, ("201",)),
        Step(Rule.DEVICE_CALLS, Finding.FREE, ("desk", "0", "2")),
    )
    assert trace.steps()[1].inputs == (("device", "desk"), ("used", "0"), ("limit", "2"))
    assert repr(trace) == "<Trace emergency:no device_calls:free>"


def test_a_step_with_other_inputs_than_its_rules_cannot_be_told() -> None:
    with pytest.raises(ValueError, match="zip"):
        _ = Step(Rule.EMERGENCY, Finding.NO, ("201", "202")).inputs
