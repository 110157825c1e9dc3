"""Tokens from the operating system."""

import re

from switch.entropy import POOL_OCTETS, EntropyTokens


def test_names_have_their_form_and_their_workers_number() -> None:
    made = EntropyTokens(worker=255)
    assert re.fullmatch(r"[0-9a-f]{16}", made.tag())
    assert re.fullmatch(r"z9hG4bKff[0-9a-f]{16}", made.branch())
    assert re.fullmatch(r"ff[0-9a-f]{24}", made.call_id())
    assert re.fullmatch(r"[0-9a-f]{32}", made.cnonce())
    assert 0 < made.first_cseq() <= 2**24


def test_no_token_comes_twice_over_several_pools() -> None:
    made = EntropyTokens()
    count = POOL_OCTETS
    assert len({made.tag() for _ in range(count)}) == count


def test_chance_stays_in_its_bounds_and_differs() -> None:
    made = EntropyTokens()
    values = [made.uniform(2.1, 4.0) for _ in range(1000)]
    assert all(2.1 <= value < 4.0 for value in values)
    assert len(set(values)) == 1000
