"""Many calls over a bad network; `tests/scenario/ten_thousand.py` plays more of them."""

import pytest

from tests.support.storm import CALLS_A_BATCH, play


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("number", range(8))
def test_calls_keep_every_rule_under_loss_duplication_and_reordering(
    seed: int, number: int
) -> None:
    report = play(seed, number).report
    replay = f"python -m tests.scenario.ten_thousand --seed {seed} --only {number} --ladder"
    assert report.faults == [], replay
    assert report.answered > 0


def test_a_batch_replays_byte_for_byte() -> None:
    traces = [play(9, 0, CALLS_A_BATCH, records=True).world.network.trace() for _ in range(2)]
    assert traces[0] == traces[1]
