"""Respelling: what offices type is written as the synthesiser reads it right."""

import pytest

from media.respelling import respelt


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("営業時間内に", "営業時間ないに"),
        ("お急ぎの方は", "お急ぎのかたは"),
        ("その方がよい", "その方がよい"),
        ("9:00〜18:30です", "9時から18時30分です"),
        ("9:05\uff5e24:00", "9時5分から24時"),
        ("8月13日 ~ 16日", "8月13日から16日"),
        ("25:00", "25:00"),
        ("2027:10:30:00", "2027:10:30:00"),
        ("山田〜鈴木", "山田〜鈴木"),
        ("本日は休業です。", "本日は休業です。"),
    ],
)
def test_a_text_is_spelt_as_it_is_meant(typed: str, spelt: str) -> None:
    assert respelt(typed) == spelt
