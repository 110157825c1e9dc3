"""Blocks: who may not call out for now, because a budget is spent or an operator says so.

A block stops calls abroad, or every call; it never stops an emergency call, which routing settles
before it asks. Blocks outlive a restart.
"""

from collections.abc import Iterable, Iterator

from routing.budget import HolderKind, Reach
from switch.effect import CoreEffect, DeleteBlock, WriteBlock

OPERATOR = "operator"
"""The cause of a block that no budget has brought."""

Key = tuple[str, str, str]
"""Holder, name and reach: nobody has two blocks of one reach."""


class Blocks:
    """Every block; there are at most two for each ID and each contract of the directory."""

    def __init__(self, kept: Iterable[WriteBlock] = ()) -> None:
        self._blocks: dict[Key, WriteBlock] = {_key(block): block for block in kept}

    def __len__(self) -> int:
        return len(self._blocks)

    def in_force(self, at: float) -> Iterator[WriteBlock]:
        """Walk the blocks that have not ended by themselves."""
        return (block for block in self._blocks.values() if _holds(block, at))

    def find(self, holder: HolderKind, name: str, *, abroad: bool, at: float) -> WriteBlock | None:
        """Return what keeps somebody from calling out."""
        for reach in (Reach.ALL, Reach.ABROAD) if abroad else (Reach.ALL,):
            block = self._blocks.get((holder, name, reach))
            if block is not None and _holds(block, at):
                return block
        return None

    def set(self, block: WriteBlock) -> list[CoreEffect]:
        """Block somebody; an earlier block of the same reach is replaced."""
        self._blocks[_key(block)] = block
        return [block]

    def release(self, name: str) -> list[CoreEffect]:
        """Take every block off an ID or contract of this name."""
        return self._drop([key for key in self._blocks if key[1] == name])

    def drop_ended(self, at: float) -> list[CoreEffect]:
        """Forget the blocks that have ended by themselves."""
        return self._drop([key for key, block in self._blocks.items() if not _holds(block, at)])

    def _drop(self, keys: Iterable[Key]) -> list[CoreEffect]:
        for key in keys:
            del self._blocks[key]
        return [DeleteBlock(*key) for key in keys]


def _key(block: WriteBlock) -> Key:
    return block.holder, block.name, block.reach


def _holds(block: WriteBlock, at: float) -> bool:
    return block.until is None or at < block.until
