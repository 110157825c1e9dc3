"""Whom an operator means by a number: every way in which records and messages may write it."""

from routing.number import Number, NumberError, NumberFormat


def spellings(text: str) -> frozenset[str]:
    """Return the text itself and, when it is a telephone number, its other written forms."""
    try:
        number = Number.parse(text)
    except NumberError:
        return frozenset({text})
    return frozenset({text, *map(number.written, NumberFormat)})
