"""Limits before authentication."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from switch.guard.admission import (
    FAILURES_A_NAME,
    NAMES_BEFORE_BAN,
    REFUSALS_PER_SECOND,
    USER_LENGTH,
    Admission,
    Ban,
    Limits,
    Networks,
    Verdict,
    is_scanner,
    source_of,
)

LIMITS = Limits(
    requests_per_second=1.0,
    request_burst=3,
    total_per_second=10.0,
    total_burst=5,
    failures_before_ban=2,
    seconds_per_failure=60.0,
    ban_seconds=300.0,
)
WIDE = Limits(total_burst=1_000_000)


def judged(admission: Admission, host: str, count: int, now: float = 0.0) -> list[Verdict]:
    return [admission.admit(host, now) for _ in range(count)]


def test_a_source_may_burst_and_is_then_ignored_until_its_allowance_grows_back() -> None:
    admission = Admission(LIMITS)
    assert judged(admission, "192.0.2.1", 4) == [Verdict.ADMIT] * 3 + [Verdict.IGNORE]
    assert judged(admission, "192.0.2.2", 1) == [Verdict.ADMIT]
    assert judged(admission, "192.0.2.1", 3, now=2.0) == [Verdict.ADMIT] * 2 + [Verdict.IGNORE]


def test_past_the_limit_of_the_whole_switch_requests_are_refused_and_then_ignored() -> None:
    admission = Admission(LIMITS)
    verdicts = [admission.admit(f"192.0.{n // 256}.{n % 256}", 0.0) for n in range(200)]
    refused = int(REFUSALS_PER_SECOND)
    assert verdicts[:5] == [Verdict.ADMIT] * 5
    assert verdicts[5 : 5 + refused] == [Verdict.REFUSE] * refused
    assert set(verdicts[5 + refused :]) == {Verdict.IGNORE}


def test_an_office_that_proves_right_is_not_limited_by_its_one_address() -> None:
    admission = Admission(LIMITS)
    for _ in range(100):
        assert judged(admission, "192.0.2.1", 2) == [Verdict.ADMIT] * 2
        admission.passed("192.0.2.1", 0.0)


def test_failures_bring_a_ban_that_ends() -> None:
    admission = Admission(LIMITS)
    assert [admission.failed("192.0.2.1", 0.0) for _ in range(3)] == [None, None, Ban.SOURCE]
    assert admission.banned == 1
    assert admission.admit("192.0.2.1", 299.0) is Verdict.IGNORE
    assert admission.admit("192.0.2.2", 299.0) is Verdict.ADMIT
    assert admission.admit("192.0.2.1", 300.0) is Verdict.ADMIT
    assert admission.banned == 0


def test_a_ban_may_be_renewed_by_failures_of_requests_that_were_under_way() -> None:
    admission = Admission(LIMITS)
    for now in (0.0, 0.0, 0.0, 10.0, 10.0):
        admission.failed("192.0.2.1", now)
    assert admission.failed("192.0.2.1", 10.0)
    assert admission.banned == 1
    assert admission.admit("192.0.2.1", 305.0) is Verdict.IGNORE


def test_slow_failures_bring_no_ban() -> None:
    admission = Admission(LIMITS)
    assert not any(admission.failed("192.0.2.1", n * 60.0) for n in range(100))


def test_one_bad_phone_does_not_silence_an_office_but_an_account_buys_no_fast_guesses() -> None:
    office = Admission(LIMITS)
    for second in range(0, 6000, 6):
        assert not office.failed("192.0.2.1", float(second))
        office.passed("192.0.2.1", float(second))
    guesser = Admission(LIMITS)
    bans = 0
    for tenth in range(300):
        bans += guesser.failed("192.0.2.2", tenth / 10) is Ban.SOURCE
        guesser.passed("192.0.2.2", tenth / 10)
    assert bans > 0


def failed(admission: Admission, users: Iterable[str], now: float = 0.0) -> list[Ban | None]:
    return [admission.failed("192.0.2.1", now, user) for user in users]


def test_one_user_name_that_fails_is_silenced_at_its_source_alone() -> None:
    admission = Admission(LIMITS)
    assert failed(admission, ["desk"] * 3) == [None, None, Ban.USER]
    assert admission.silenced == 1
    assert admission.is_silenced("192.0.2.1", "desk", 299.0)
    assert not admission.is_silenced("192.0.2.1", "lobby", 299.0)
    assert not admission.is_silenced("192.0.2.2", "desk", 299.0)
    assert admission.admit("192.0.2.1", 299.0) is Verdict.ADMIT
    assert not admission.is_silenced("192.0.2.1", "desk", 300.0)
    assert admission.silenced == 0


def test_many_failing_user_names_ban_the_whole_source() -> None:
    admission = Admission(replace(LIMITS, failures_before_ban=20))
    names = [f"user-{number}" for number in range(NAMES_BEFORE_BAN + 1)]
    assert failed(admission, names)[-2:] == [None, Ban.SOURCE]
    assert admission.admit("192.0.2.1", 1.0) is Verdict.IGNORE


def test_very_many_failures_of_few_user_names_ban_the_whole_source() -> None:
    admission = Admission(LIMITS)
    bans = failed(admission, ["desk", "lobby", "app"] * FAILURES_A_NAME)
    assert bans.index(Ban.SOURCE) == LIMITS.failures_before_ban * FAILURES_A_NAME


def test_a_ban_spares_registered_flows_until_failures_come_from_them_too() -> None:
    admission = Admission(LIMITS)
    for _ in range(3):
        admission.failed("192.0.2.1", 0.0)
    assert admission.admit("192.0.2.1", 1.0) is Verdict.IGNORE
    assert admission.admit("192.0.2.1", 1.0, lambda: True) is Verdict.ADMIT
    assert [admission.failed("192.0.2.1", 1.0) for _ in range(3)] == [None, None, Ban.SOURCE]
    assert admission.admit("192.0.2.1", 2.0, lambda: True) is Verdict.IGNORE
    assert admission.admit("192.0.2.1", 301.0) is Verdict.ADMIT


def test_failures_of_a_user_name_are_remembered_in_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("switch.guard.admission.MAX_USERS", 2)
    admission = Admission(replace(LIMITS, failures_before_ban=100))
    for number in range(9):
        admission.failed("192.0.2.1", 0.0, f"user-{number}" * 100)
    assert len(admission._users) == 2
    assert all(len(user) <= USER_LENGTH for _, user in admission._users)


def test_exempt_sources_are_neither_limited_nor_banned() -> None:
    admission = Admission(LIMITS, exempt=["192.0.2.1", "198.51.100.0/28"])
    for host in ("192.0.2.1", "198.51.100.15"):
        assert not any(admission.failed(host, 0.0, "desk") for _ in range(10))
        assert not admission.is_silenced(host, "desk", 0.0)
        assert set(judged(admission, host, 50)) == {Verdict.ADMIT}
        admission.passed(host, 0.0)
    assert len(admission) == 0
    admission.exempt([])
    assert Verdict.IGNORE in judged(admission, "192.0.2.1", 50)


def test_a_flood_of_sources_is_bounded_and_the_longest_silent_is_forgotten_first() -> None:
    admission = Admission(WIDE, max_sources=10)
    for number in range(100):
        admission.admit(f"10.0.0.{number}", 0.0)
        admission.admit("192.0.2.1", 0.0)
    assert len(admission) == 10
    assert admission.forgotten == 91
    assert Verdict.IGNORE in judged(admission, "192.0.2.1", 1)


def test_a_flood_of_bans_is_bounded() -> None:
    admission = Admission(LIMITS, max_bans=2)
    for number in range(5):
        for _ in range(3):
            admission.failed(f"10.0.0.{number}", 0.0)
    assert admission.banned == 2
    assert admission.admit("10.0.0.4", 1.0) is Verdict.IGNORE
    assert admission.admit("10.0.0.0", 1.0) is Verdict.ADMIT


def test_an_ipv6_site_is_one_source() -> None:
    assert source_of("2001:db8:1:2::1") == source_of("2001:db8:1:2:ffff::2")
    assert source_of("2001:db8:1:2::1") != source_of("2001:db8:1:3::1")
    assert source_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert source_of("fe80::1%eth0") == source_of("fe80::2%eth0")
    assert source_of("no:address") == "no:address"
    assert source_of("192.0.2.1") == "192.0.2.1"


def test_networks_hold_literals_and_ranges_of_both_families() -> None:
    networks = Networks(["192.0.2.0/28", "198.51.100.7", "2001:db8::/32"])
    assert "192.0.2.15" in networks
    assert "192.0.2.16" not in networks
    assert "198.51.100.7" in networks
    assert "2001:db8::1" in networks
    assert "not an address" not in networks
    assert "192.0.2.15" not in Networks(["198.51.100.7"])


@pytest.mark.parametrize(
    "user_agent", ["friendly-scanner", "VaxSIPUserAgent/3.5", "sipcli/v1.8", "pplsip", "SIPVicious"]
)
def test_known_scanners_are_known(user_agent: str) -> None:
    assert is_scanner(user_agent)


@pytest.mark.parametrize(
    "user_agent", [None, "", "Grandstream GXP2170 1.0.11.64", "Panasonic-MPR01/01.024", "baresip"]
)
def test_phones_are_no_scanners(user_agent: str | None) -> None:
    assert not is_scanner(user_agent)


def test_an_exempt_source_is_heard_whoever_is_silenced_elsewhere() -> None:
    admission = Admission(LIMITS, exempt=["198.51.100.1"])
    failed(admission, ["desk"] * 3)
    assert not admission.is_silenced("198.51.100.1", "desk", 0.0)
