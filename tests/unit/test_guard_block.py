"""Blocks."""

import msgspec

from routing.budget import HolderKind, Reach
from switch.effect import DeleteBlock, WriteBlock
from switch.guard.block import OPERATOR, Blocks

ABROAD = WriteBlock("device", "desk", "abroad", "c1", "yen_per_day", 50.0, 50.0, 0.0, None)
EVERY = msgspec.structs.replace(ABROAD, reach="all", cause="calls_per_hour", until=100.0)


def found(blocks: Blocks, at: float, *, abroad: bool) -> WriteBlock | None:
    return blocks.find(HolderKind.DEVICE, "desk", abroad=abroad, at=at)


def test_a_block_abroad_stops_nothing_else() -> None:
    blocks = Blocks([ABROAD])
    assert found(blocks, 1.0, abroad=True) == ABROAD
    assert found(blocks, 1.0, abroad=False) is None
    assert blocks.find(HolderKind.CONTRACT, "desk", abroad=True, at=1.0) is None


def test_a_block_of_all_stops_calls_abroad_too_until_it_ends() -> None:
    blocks = Blocks([EVERY])
    assert found(blocks, 99.0, abroad=True) == EVERY
    assert found(blocks, 99.0, abroad=False) == EVERY
    assert found(blocks, 100.0, abroad=False) is None
    assert list(blocks.in_force(100.0)) == []


def test_the_narrower_block_outlives_the_wider_one() -> None:
    blocks = Blocks([ABROAD, EVERY])
    assert blocks.drop_ended(100.0) == [DeleteBlock("device", "desk", Reach.ALL)]
    assert found(blocks, 100.0, abroad=True) == ABROAD
    assert len(blocks) == 1


def test_a_later_block_replaces_one_of_the_same_reach() -> None:
    blocks = Blocks([ABROAD])
    later = msgspec.structs.replace(ABROAD, cause=OPERATOR)
    assert blocks.set(later) == [later]
    assert list(blocks.in_force(0.0)) == [later]


def test_a_release_takes_every_block_of_a_name() -> None:
    other = msgspec.structs.replace(ABROAD, name="lobby")
    blocks = Blocks([ABROAD, EVERY, other])
    assert len(blocks.release("desk")) == 2
    assert list(blocks.in_force(0.0)) == [other]
    assert blocks.release("desk") == []
