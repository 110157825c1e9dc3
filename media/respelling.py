"""Respelling: Japanese as people type it, written so that the synthesiser reads it as they mean it.

What is here was misread by Open JTalk in texts of the kind that offices type.
"""

import re

_MISREAD = {
    "時間内": "時間ない",  # read じまうち
    "の方は": "のかたは",  # read ほう; an office means people
}
_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-4])[:\uff1a]([0-5]\d)(?![\d:])")
_FROM_TO = re.compile(r"(?<=[時分日])\s*[~\u301c\uff5e]\s*(?=\d)")


def respelt(text: str) -> str:
    """Write a Japanese text as the synthesiser needs it."""
    for typed, spelt in _MISREAD.items():
        text = text.replace(typed, spelt)
    return _FROM_TO.sub("から", _CLOCK.sub(_clock, text))


def _clock(found: re.Match[str]) -> str:
    hour, minute = map(int, found.groups())
    return f"{hour}時{minute}分" if minute else f"{hour}時"
