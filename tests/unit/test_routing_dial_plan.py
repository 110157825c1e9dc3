"""The dial plan: its codes, and the emergency numbers that nothing hides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.dial_plan import (
    DEFAULT_FEATURES,
    DEFAULT_PLAN,
    DialPlan,
    Feature,
    FeatureCall,
    FeatureCode,
)
from routing.directory import Directory, DirectoryError
from routing.number import is_emergency


@pytest.mark.parametrize(
    ("dialled", "feature", "argument"),
    [
        ("*0", Feature.PARK, ""),
        ("*1", Feature.PARK_SLOT, "1"),
        ("*9", Feature.PARK_SLOT, "9"),
        ("**", Feature.GROUP_PICKUP, ""),
        ("**201", Feature.DIRECTED_PICKUP, "201"),
        ("*43", Feature.ECHO, ""),
        ("*60", Feature.HOURS_OPEN, ""),
        ("*61", Feature.HOURS_CLOSED, ""),
        ("*62", Feature.HOURS_CALENDAR, ""),
        ("*66", Feature.FAX_HANDOVER, ""),
        ("*7209012345678", Feature.FORWARD, "09012345678"),
        ("*73", Feature.FORWARD_END, ""),
        ("*78", Feature.DO_NOT_DISTURB, ""),
        ("*79", Feature.DO_NOT_DISTURB_END, ""),
        ("*97", Feature.VOICEMAIL, ""),
        ("*98", Feature.VOICEMAIL_OTHER, ""),
    ],
)
def test_a_feature_is_found_by_its_code(dialled: str, feature: Feature, argument: str) -> None:
    assert DEFAULT_PLAN.feature(dialled) == FeatureCall(feature, argument)


@pytest.mark.parametrize(
    "dialled", ["", "*", "*44", "*72", "*970", "**123456789", "**2x1", "201", "#7119", "0*0"]
)
def test_what_is_no_code_is_no_feature(dialled: str) -> None:
    assert DEFAULT_PLAN.feature(dialled) is None


def test_every_feature_has_a_code() -> None:
    assert {code.feature for code in DEFAULT_FEATURES} == set(Feature)


@pytest.mark.parametrize(("code", "leads"), [("104", True), ("#7119", True), ("199", False)])
def test_only_short_codes_that_are_somebodys_lead_somewhere(code: str, *, leads: bool) -> None:
    assert DEFAULT_PLAN.has_short_code(code) is leads


def test_the_default_plan_has_no_fault() -> None:
    assert list(DEFAULT_PLAN.faults(["201", "10", "184"])) == []


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        (FeatureCode(Feature.ECHO, "110"), {"110"}),
        (FeatureCode(Feature.ECHO, "184119"), {"184119"}),
        (FeatureCode(Feature.ECHO, "11", 1, 1), {"110", "118", "119"}),
        (FeatureCode(Feature.FORWARD, "186", 1, 20), {"186110", "186118", "186119"}),
        (
            FeatureCode(Feature.FORWARD, "1", 1, 20),
            {prefix + number for prefix in ("", "184", "186") for number in ("110", "118", "119")},
        ),
    ],
)
def test_a_plan_that_hides_an_emergency_number_is_refused(
    code: FeatureCode, hidden: set[str]
) -> None:
    plan = DialPlan((*DEFAULT_FEATURES, code))
    told = {f"the code of {code.feature} hides the emergency number {text}" for text in hidden}
    assert set(plan.faults()) == told
    with pytest.raises(DirectoryError) as caught:
        Directory.build(plan=plan)
    assert set(caught.value.faults) == told


@pytest.mark.parametrize("extension", ["110", "119", "184118", "186110"])
def test_an_extension_that_hides_an_emergency_number_is_refused(extension: str) -> None:
    said = f"the extension {extension} hides an emergency number"
    assert list(DEFAULT_PLAN.faults([extension])) == [said]


def test_an_extension_that_hides_a_feature_is_refused() -> None:
    said = "the extension **201 hides the code of directed_pickup"
    assert list(DEFAULT_PLAN.extension_faults("**201")) == [said]


@pytest.mark.parametrize("code", ["", "*a1", "+44", "\u0661"])
def test_a_code_that_no_key_pad_dials_is_refused(code: str) -> None:
    plan = DialPlan((FeatureCode(Feature.ECHO, code),))
    assert list(plan.faults()) == [f"the feature code {code!r} of echo cannot be dialled"]


@given(
    st.lists(
        st.builds(
            FeatureCode,
            st.sampled_from(Feature),
            st.text("0123456789*#", min_size=1, max_size=4),
            st.integers(0, 2),
            st.integers(0, 8),
        ),
        max_size=4,
    ),
    st.sampled_from(["", "184", "186"]),
    st.sampled_from(["110", "118", "119"]),
)
def test_a_plan_without_faults_finds_no_feature_behind_an_emergency_number(
    codes: list[FeatureCode], prefix: str, number: str
) -> None:
    plan = DialPlan(tuple(codes))
    assert is_emergency(prefix + number)
    assert any(plan.faults()) or plan.feature(prefix + number) is None
