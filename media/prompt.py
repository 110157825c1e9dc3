"""The catalogue of prompts: a folder with one folder a language, and one sound file a prompt.

The prompts that are shipped are in `media/prompts`, with their texts; those of an operator's own
folder, a speaker's recordings for instance, go before them, one by one.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from media.plane import Prompt

FORMATS = (".flac", ".wav", ".ogg", ".mp3")
"""What a prompt's file may be, the best first."""
SHIPPED = Path(__file__).parent / "prompts"
"""The folder of the shipped prompts."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class MissingPromptError(LookupError):
    """A prompt is not in the catalogue; its text is for the operator."""


class PromptCatalogue:
    """Find the sound of a prompt: `<folder>/<language>/<name>.flac` or another format."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folders = [SHIPPED] if folder is None else [folder, SHIPPED]

    def path(self, prompt: Prompt) -> Path:
        """Find a prompt's file; `MissingPromptError` says where it was looked for."""
        places = [folder / prompt.language for folder in self._folders]
        # A name that leads out of the folder is a missing prompt like any other.
        if _NAME.fullmatch(prompt.name) and _LANGUAGE.fullmatch(prompt.language):
            for place in places:
                for suffix in FORMATS:
                    found = place / (prompt.name + suffix)
                    if found.is_file():
                        return found
        looked = " or ".join(map(str, places))
        raise MissingPromptError(
            f"prompt {prompt.name!r} is not in {looked} ({', '.join(FORMATS)})"
        )

    def missing(self, prompts: Iterable[Prompt]) -> list[str]:
        """Tell all that is missing at once, for a check before the start."""
        faults = []
        for prompt in prompts:
            try:
                self.path(prompt)
            except MissingPromptError as error:
                faults.append(str(error))
        return faults
