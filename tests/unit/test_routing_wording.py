"""The wording of decisions: each language says every finding of every rule, with its inputs."""

from string import Formatter

import pytest

from routing.decision import RefusalCause, Service
from routing.trace import INPUTS, OUTCOMES
from routing.wording import CAUSES, CONCLUSIONS, SERVICES, WORDINGS, Conclusion, Language


@pytest.mark.parametrize("language", Language)
def test_every_finding_of_every_rule_is_worded_and_nothing_else(language: Language) -> None:
    pairs = {(rule, finding) for rule, findings in OUTCOMES.items() for finding in findings}
    assert set(WORDINGS[language]) == pairs


@pytest.mark.parametrize("language", Language)
def test_a_wording_uses_the_inputs_of_its_rule_alone(language: Language) -> None:
    for (rule, _), template in WORDINGS[language].items():
        fields = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert fields <= set(INPUTS[rule]), template


@pytest.mark.parametrize("language", Language)
def test_every_conclusion_cause_and_service_has_its_words(language: Language) -> None:
    assert set(CONCLUSIONS[language]) == set(Conclusion)
    assert set(CAUSES[language]) == {cause.value for cause in RefusalCause}
    assert set(SERVICES[language]) == {service.value for service in Service}
