"""The player."""

import pytest

from media.clip import Clip
from media.player import Player

AB, C, NOTHING = Clip((b"a", b"b")), Clip((b"c",)), Clip(())


def play(player: Player, most: int = 100) -> str:
    played = ""
    while len(played) < most and (payload := player.next()) is not None:
        played += payload.decode()
    return played


@pytest.mark.parametrize(
    ("clips", "repeat", "played"),
    [
        ((AB,), 1, "ab"),
        ((AB, C), 1, "abc"),
        ((AB, C), 2, "abcabc"),
        ((NOTHING, C), 2, "cc"),
        ((NOTHING,), 3, ""),
        ((NOTHING,), None, ""),
        ((AB,), 0, ""),
        ((AB,), -1, ""),
    ],
)
def test_clips_are_played_in_order_and_as_often_as_asked(
    clips: tuple[Clip, ...], repeat: int | None, played: str
) -> None:
    player = Player(clips, repeat)
    assert play(player) == played
    assert player.played == len(played)
    assert player.next() is None


def test_without_a_number_of_rounds_it_never_ends() -> None:
    assert play(Player((AB, C), None), 7) == "abcabca"


@pytest.mark.parametrize(
    ("skipped", "rest"), [(0, "abcabc"), (1, "bcabc"), (3, "abc"), (5, "c"), (6, ""), (9, "")]
)
def test_a_player_goes_on_where_another_was(skipped: int, rest: str) -> None:
    player = Player((AB, C), 2)
    player.skip(skipped)
    assert play(player) == rest


def test_what_is_empty_or_endless_can_be_skipped_too() -> None:
    nothing = Player((NOTHING,), None)
    nothing.skip(5)
    assert nothing.next() is None
    endless = Player((AB,), None)
    endless.skip(5)
    assert play(endless, 3) == "bab"
    assert len(endless) == 2
