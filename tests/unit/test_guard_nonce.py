"""Nonces: stateless until used, each count once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.guard.nonce import WINDOW, Nonces


def nonces(*, lifetime: float = 300.0, max_remembered: int = 100) -> Nonces:
    return Nonces(b"secret", lifetime=lifetime, wall_offset=1e9, max_remembered=max_remembered)


def test_making_nonces_keeps_nothing_and_never_repeats_one() -> None:
    source = nonces()
    assert len({source.new(0.0) for _ in range(1000)}) == 1000
    assert len(source) == 0


def test_a_nonce_is_fresh_for_its_life() -> None:
    source = nonces()
    nonce = source.new(10.0)
    assert source.is_fresh(nonce, 10.0)
    assert source.is_fresh(nonce, 310.0)
    assert not source.is_fresh(nonce, 311.0)


@pytest.mark.parametrize("forged", ["", "x", "é" * 40, "\udcff" * 40, "0" * 40, "zz" * 20])
def test_a_nonce_that_is_not_ours_is_not_fresh(forged: str) -> None:
    assert not nonces().is_fresh(forged, 0.0)


def test_a_nonce_of_another_run_is_not_fresh() -> None:
    earlier = Nonces(b"another secret", lifetime=300.0)
    assert not nonces().is_fresh(earlier.new(0.0), 0.0)


def test_a_touched_nonce_is_not_fresh() -> None:
    source = nonces()
    nonce = source.new(0.0)
    for place in range(len(nonce)):
        other = "0" if nonce[place] != "0" else "1"
        assert not source.is_fresh(nonce[:place] + other + nonce[place + 1 :], 0.0)


@given(st.lists(st.integers(min_value=0, max_value=100), max_size=50))
def test_each_count_is_spent_once_within_the_window(counts: list[int]) -> None:
    source = nonces()
    nonce = source.new(0.0)
    spent: set[int] = set()
    for count in counts:
        is_free = count not in spent and (not spent or count > max(spent) - WINDOW)
        assert source.spend(nonce, count, 0.0) is is_free
        spent |= {count} if is_free else set()


def test_a_flood_of_used_nonces_is_bounded_and_what_is_forgotten_is_stale() -> None:
    source = nonces(max_remembered=3)
    made = [source.new(0.0) for _ in range(5)]
    for nonce in made:
        assert source.is_fresh(nonce, 0.0)
        assert source.spend(nonce, 1, 0.0)
    assert len(source) == 3
    assert [source.is_fresh(nonce, 0.0) for nonce in made] == [False, False, True, True, True]
    assert source.is_fresh(source.new(0.0), 0.0)


def test_nonces_past_their_life_make_room_first_and_others_stay() -> None:
    source = nonces(max_remembered=2)
    old, young = source.new(0.0), source.new(200.0)
    source.spend(old, 1, 0.0)
    source.spend(young, 1, 200.0)
    last = source.new(400.0)
    source.spend(last, 1, 400.0)
    assert len(source) == 2
    assert source.is_fresh(young, 400.0)
    assert not source.spend(young, 1, 400.0)
