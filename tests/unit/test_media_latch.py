"""The latching rule, state by input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.latch import GRACE, Latch, Rank, Source, State, Verdict

SIGNALLED: Source = ("192.168.1.5", 4000)
SAME_HOST: Source = ("192.168.1.5", 4002)
NAT: Source = ("198.51.100.9", 31000)
NAT_AGAIN: Source = ("198.51.100.9", 31002)
STRANGER: Source = ("203.0.113.66", 6666)
OTHER_STRANGER: Source = ("203.0.113.67", 6667)
PHONE_HOST = "198.51.100.9"

A, L, R = Verdict.ACCEPTED, Verdict.LOCKED, Verdict.REFUSED


def armed(
    heard: Source | None = None,
    *,
    host: str | None = PHONE_HOST,
    signalled: Source | None = SIGNALLED,
) -> Latch:
    latch = Latch()
    latch.arm(signalled, host, 0.0)
    if heard is not None:
        for sequence in (1, 2):
            latch.hear(heard, 0.1, 7, sequence)
        assert latch.locked == heard
    return latch


def again(heard: Source, *, signalled: Source = SIGNALLED) -> Latch:
    """Make a latch that was locked to a source and negotiated anew."""
    latch = armed(heard)
    latch.arm(signalled, PHONE_HOST, 10.0)
    return latch


def test_nobody_is_heard_before_negotiation() -> None:
    latch = Latch()
    assert latch.state is State.CLOSED
    assert latch.hear(SIGNALLED, 0.0, 7, 1) is R
    assert latch.target is None


@pytest.mark.parametrize(
    ("source", "verdict"), [(SIGNALLED, L), (SAME_HOST, L), (NAT, L), (STRANGER, R)]
)
def test_an_open_latch_judges_the_first_packet_by_rank(source: Source, verdict: Verdict) -> None:
    latch = armed()
    assert latch.state is State.OPEN
    assert latch.target == SIGNALLED
    assert latch.hear(source, 0.1, 7, 1) is verdict
    assert latch.state is (State.LOCKED if verdict is L else State.OPEN)


LOCKED_TABLE = {
    (SIGNALLED, SIGNALLED): A,
    (SIGNALLED, SAME_HOST): R,
    (SIGNALLED, NAT): R,
    (SIGNALLED, STRANGER): R,
    (NAT, SIGNALLED): L,
    (NAT, NAT): A,
    (NAT, NAT_AGAIN): R,
    (NAT, SAME_HOST): R,
    (NAT, STRANGER): R,
    (STRANGER, SIGNALLED): L,
    (STRANGER, NAT): L,
    (STRANGER, STRANGER): A,
    (STRANGER, OTHER_STRANGER): R,
}


@pytest.mark.parametrize(("pair", "verdict"), LOCKED_TABLE.items())
def test_a_locked_latch_yields_to_a_higher_rank_only(
    pair: tuple[Source, Source], verdict: Verdict
) -> None:
    locked, source = pair
    latch = armed(locked)
    verdicts = [latch.hear(source, 5.0, 7, sequence) for sequence in (5, 6)]
    assert verdicts[0] is verdict
    assert latch.target == (locked if verdict is R else source)
    assert latch.is_signalled is (latch.target == SIGNALLED)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((STRANGER, 7, 1), (STRANGER, 7, 2), L),
        ((STRANGER, 7, 0xFFFF), (STRANGER, 7, 0), L),
        ((STRANGER, 7, 1), (STRANGER, 7, 3), R),
        ((STRANGER, 7, 1), (STRANGER, 8, 2), R),
        ((STRANGER, 7, 1), (OTHER_STRANGER, 7, 2), R),
        ((STRANGER, 7, None), (STRANGER, 7, None), L),
        ((STRANGER, 7, None), (STRANGER, 8, None), R),
    ],
)
def test_a_stranger_proves_itself_by_two_packets_in_sequence_of_one_source(
    first: tuple[Source, int, int | None],
    second: tuple[Source, int, int | None],
    verdict: Verdict,
) -> None:
    latch = armed()
    source, ssrc, sequence = first
    assert latch.hear(source, 0.1, ssrc, sequence) is R
    source, ssrc, sequence = second
    assert latch.hear(source, 0.2, ssrc, sequence) is verdict


def test_without_a_known_signalling_host_the_first_packet_is_locked() -> None:
    assert armed(host=None).hear(STRANGER, 0.1, 7, 1) is L


def test_without_a_signalled_address_the_signalling_host_is_believed() -> None:
    latch = armed(signalled=None)
    assert latch.target is None
    assert latch.hear(NAT, 0.1, 7, 1) is L
    assert not latch.is_signalled


AGAIN_TABLE = {
    # (locked before, heard now, seconds after): verdict
    (NAT, NAT, GRACE / 2): A,
    (NAT, NAT, GRACE): L,
    (NAT, NAT_AGAIN, 0.1): L,
    (NAT, SIGNALLED, 0.1): L,
    (NAT, STRANGER, 0.1): R,
    (SIGNALLED, SIGNALLED, 0.1): L,
    (SIGNALLED, NAT, 0.1): R,
    (STRANGER, STRANGER, 0.1): A,
    (STRANGER, NAT, 0.1): L,
}


@pytest.mark.parametrize(("case", "verdict"), AGAIN_TABLE.items())
def test_an_unchanged_negotiation_keeps_the_old_source_until_its_equal_is_heard(
    case: tuple[Source, Source, float], verdict: Verdict
) -> None:
    before, now, after = case
    latch = again(before)
    assert latch.state is State.OPEN
    assert latch.target == before
    assert latch.hear(now, 10.0 + after, 7, 9) is verdict
    assert latch.target == (now if verdict is L else before)


def test_a_changed_negotiation_forgets_the_old_source() -> None:
    moved: Source = ("192.0.2.20", 5000)
    latch = again(NAT, signalled=moved)
    assert latch.target == moved
    assert latch.hear(STRANGER, 10.1, 7, 9) is R
    assert latch.hear(moved, 10.1, 7, 9) is L
    assert latch.hear(NAT, 10.2, 7, 9) is R


def test_negotiating_twice_before_a_packet_keeps_the_old_source() -> None:
    latch = again(NAT)
    latch.arm(SIGNALLED, PHONE_HOST, 11.0)
    assert latch.target == NAT


SOURCES = st.sampled_from([SIGNALLED, SAME_HOST, NAT, NAT_AGAIN, STRANGER, OTHER_STRANGER])


@given(st.lists(st.tuples(SOURCES, st.integers(0, 3), st.integers(0, 3)), max_size=40))
def test_within_one_negotiation_the_rank_of_the_locked_source_never_falls(
    packets: list[tuple[Source, int, int]],
) -> None:
    latch = armed()
    ranks = {SIGNALLED: Rank.SIGNALLED, STRANGER: Rank.STRANGER, OTHER_STRANGER: Rank.STRANGER}
    best = 0
    locks = 0
    for now, (source, ssrc, sequence) in enumerate(packets):
        locks += latch.hear(source, float(now), ssrc, sequence) is L
        if latch.locked is not None:
            rank = ranks.get(latch.locked, Rank.KNOWN_HOST)
            assert rank >= best
            best = rank
    assert locks <= len(Rank)
