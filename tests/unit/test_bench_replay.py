"""The regression gate: what counts as slower, and that a recording replays octet for octet."""

import os

from bench.recording import record_challenged_calls, record_registrations, record_trunk_calls
from bench.replay import TOLERANCE, check, judge, replay

BASELINE = {"native": {"call": {"us": 500.0, "ratio": 40.0}}}


def test_a_ratio_within_the_tolerance_passes() -> None:
    found = {"native": {"call": {"us": 900.0, "ratio": 40.0 * (1 + TOLERANCE) - 0.1}}}
    assert not judge(found, BASELINE).is_slower


def test_a_ratio_beyond_the_tolerance_is_slower_and_is_told_in_one_line() -> None:
    found = {"native": {"call": {"us": 500.0, "ratio": 40.0 * (1 + TOLERANCE) + 0.1}}}
    verdict = judge(found, BASELINE)
    assert verdict.is_slower
    assert "SLOWER" in verdict.line
    assert "\n" not in verdict.line


def test_what_the_baseline_does_not_know_is_not_judged() -> None:
    assert not judge({"pure": {"call": {"us": 1.0, "ratio": 1e9}}}, BASELINE).is_slower


def test_each_recording_replays_octet_for_octet() -> None:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    try:
        for record in (record_challenged_calls, record_trunk_calls, record_registrations):
            recording = record(2)
            check(recording, replay(recording, descriptor)[1])
    finally:
        os.close(descriptor)
