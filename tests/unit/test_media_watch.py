"""The watch over silence."""

import msgspec
import pytest

from media.plane import OneWay, Restored
from media.watch import ONE_WAY_AFTER, SILENT_AFTER, Side, Watch

NOW = 1000.0
SPOKE = Side(
    endpoint="a",
    call_id="call",
    stream=0,
    expected=True,
    since=0.0,
    last_heard=NOW,
    signalled=("192.0.2.7", 4000),
    locked=("192.0.2.7", 4000),
)
NEVER = Side(
    endpoint="b",
    call_id="call",
    stream=0,
    expected=True,
    since=0.0,
    last_heard=0.0,
    signalled=("198.51.100.9", 5000),
)


def reasons(one: Side, other: Side, *, now: float = NOW) -> list[tuple[str, str]]:
    """Judge a pair once: who is at fault and why."""
    reports = Watch().observe([(one, other)], now)
    return [(each.endpoint, each.reason) for each in reports if isinstance(each, OneWay)]


def test_a_pair_that_both_speak_is_no_fault() -> None:
    assert reasons(SPOKE, msgspec.structs.replace(NEVER, last_heard=NOW - 1)) == []


def test_the_silent_side_of_a_pair_is_at_fault() -> None:
    ((endpoint, reason),) = reasons(SPOKE, NEVER)
    assert endpoint == "b"
    assert reason.startswith("nothing from 198.51.100.9:5000 for 1000 s")


def test_the_order_of_the_pair_does_not_matter() -> None:
    assert reasons(SPOKE, NEVER) == reasons(NEVER, SPOKE)


@pytest.mark.parametrize(
    ("silent", "is_fault"), [(ONE_WAY_AFTER - 0.1, False), (ONE_WAY_AFTER, True)]
)
def test_five_seconds_are_given_since_the_last_packet(silent: float, *, is_fault: bool) -> None:
    side = msgspec.structs.replace(NEVER, last_heard=NOW - silent)
    assert bool(reasons(SPOKE, side)) is is_fault


def test_five_seconds_are_given_since_the_negotiation() -> None:
    assert reasons(SPOKE, msgspec.structs.replace(NEVER, since=NOW - 4)) == []


def test_a_side_that_may_not_send_is_no_fault() -> None:
    assert reasons(SPOKE, msgspec.structs.replace(NEVER, expected=False)) == []


def test_two_sides_that_were_never_heard_are_no_fault() -> None:
    assert reasons(msgspec.structs.replace(SPOKE, last_heard=0.0), NEVER) == []


@pytest.mark.parametrize(("silent", "faults"), [(SILENT_AFTER - 1, 0), (SILENT_AFTER, 2)])
def test_two_sides_that_fell_silent_are_told_after_half_a_minute(
    silent: float, faults: int
) -> None:
    one = msgspec.structs.replace(SPOKE, last_heard=NOW - silent)
    other = msgspec.structs.replace(NEVER, last_heard=NOW - silent)
    found = reasons(one, other)
    assert len(found) == faults
    assert all(reason.startswith("both sides fell silent: ") for _, reason in found)


def test_a_side_whose_partner_is_on_hold_may_pause() -> None:
    held = msgspec.structs.replace(SPOKE, expected=False, last_heard=1.0)
    assert reasons(held, msgspec.structs.replace(NEVER, last_heard=1.0)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"signalled": ("192.168.1.5", 4000), "behind_nat": True},
            "nothing from 192.168.1.5:4000 for 1000 s (signalled address is private: NAT?)",
        ),
        ({"signalled": ("192.168.1.5", 4000)}, "a route or firewall between here and there?"),
        ({"signalled": ("8.8.8.8", 4000)}, "(firewall on the way, or a muted device"),
        ({"signalled": ("2001:db8::1", 4000)}, "nothing from [2001:db8::1]:4000"),
        ({"signalled": None}, "nothing from an unknown address for 1000 s (no address was"),
        (
            {"locked": ("198.51.100.9", 5000), "last_heard": NOW - 9},
            "nothing from 198.51.100.9:5000 for 9 s (it was heard before)",
        ),
        (
            {"locked": ("198.51.100.9", 5000), "refused": ("198.51.100.9", 6000)},
            "packets arrive from 198.51.100.9:6000 but the stream is locked to 198.51.100.9:5000",
        ),
        (
            {"refused": ("203.0.113.1", 6000)},
            "packets arrive from 203.0.113.1:6000 but are refused: the signalled address is",
        ),
    ],
)
def test_the_reason_says_what_to_look_at(change: dict[str, object], words: str) -> None:
    ((_, reason),) = reasons(SPOKE, msgspec.structs.replace(NEVER, **change))
    assert words in reason


def test_a_fault_is_told_once_and_its_end_once() -> None:
    watch = Watch()
    assert len(watch.observe([(SPOKE, NEVER)], NOW)) == 1
    assert NEVER.key in watch
    assert watch.observe([(SPOKE, NEVER)], NOW) == []
    back = msgspec.structs.replace(NEVER, last_heard=NOW)
    assert watch.observe([(SPOKE, back)], NOW) == [Restored("b", "call", 0)]
    assert watch.observe([(SPOKE, back)], NOW) == []


def test_a_fault_stands_while_the_other_side_falls_silent_too() -> None:
    watch = Watch()
    watch.observe([(SPOKE, NEVER)], NOW)
    assert watch.observe([(SPOKE, NEVER)], NOW + 10) == []


def test_hold_ends_a_fault() -> None:
    watch = Watch()
    watch.observe([(SPOKE, NEVER)], NOW)
    held = msgspec.structs.replace(NEVER, expected=False)
    assert watch.observe([(SPOKE, held)], NOW) == [Restored("b", "call", 0)]


def test_a_new_negotiation_forgets_the_fault() -> None:
    watch = Watch()
    watch.observe([(SPOKE, NEVER)], NOW)
    watch.forget(NEVER.key)
    assert len(watch.observe([(SPOKE, NEVER)], NOW)) == 1
