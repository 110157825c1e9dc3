"""Seeded tokens: the same in every run, and as long as guessing must be hard."""

import random
import re

from switch.sip.token import SeededTokens


def tokens(seed: int = 1, worker: int = 0) -> SeededTokens:
    return SeededTokens(random.Random(seed), worker=worker)  # noqa: S311 - repeatable on purpose


def test_a_seed_repeats_a_run_and_another_does_not() -> None:
    def run(made: SeededTokens) -> list[object]:
        return [made.tag(), made.branch(), made.call_id(), made.cnonce(), made.first_cseq()]

    assert run(tokens()) == run(tokens())
    assert run(tokens()) != run(tokens(2))


def test_names_have_their_form_and_their_workers_number() -> None:
    made = tokens(worker=10)
    assert re.fullmatch(r"[0-9a-f]{16}", made.tag())
    assert re.fullmatch(r"z9hG4bK0a[0-9a-f]{16}", made.branch())
    assert re.fullmatch(r"0a[0-9a-f]{24}", made.call_id())
    assert re.fullmatch(r"[0-9a-f]{32}", made.cnonce())


def test_a_first_number_leaves_room_to_count_on() -> None:
    made = tokens()
    numbers = {made.first_cseq() for _ in range(1000)}
    assert len(numbers) > 990
    assert min(numbers) > 0
    assert max(numbers) <= 2**24


def test_chance_stays_in_its_bounds() -> None:
    made = tokens()
    assert all(2.1 <= made.uniform(2.1, 4.0) < 4.0 for _ in range(1000))
