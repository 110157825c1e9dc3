"""The texts of the shipped prompts, in Japanese and English: what is said, by the prompt's name."""

from functools import cache

import msgspec

from media.prompt import SHIPPED

LANGUAGES = ("ja", "en")
CATALOGUES = ("texts.toml", "numbers.toml")


class PromptText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prompt's text in each language."""

    ja: str
    en: str
    ja_spoken: str | None = None
    """What the synthesiser is given where it would misread `ja`."""

    def text(self, language: str) -> str:
        """Return what is said, as people write it."""
        return self.ja if language == "ja" else self.en

    def spoken(self, language: str) -> str:
        """Return what the synthesiser is given; each sound file holds it as its comment."""
        return self.ja_spoken or self.ja if language == "ja" else self.en


@cache
def prompt_texts() -> dict[str, PromptText]:
    """Read the catalogue, in its order."""
    texts: dict[str, PromptText] = {}
    for name in CATALOGUES:
        octets = (SHIPPED / name).read_bytes()
        texts |= msgspec.toml.decode(octets, type=dict[str, PromptText])
    return texts
