"""The catalogue of prompts: a folder with one folder a language, and one sound file a prompt."""

import re
from collections.abc import Iterable
from pathlib import Path

from media.plane import Prompt

FORMATS = (".flac", ".wav", ".ogg", ".mp3")
"""What a prompt's file may be, the best first."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2}")


class MissingPromptError(LookupError):
    """A prompt is not in the catalogue; its text is for the operator."""


class PromptCatalogue:
    """Find the sound of a prompt: `<folder>/<language>/<name>.flac` or another format."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def path(self, prompt: Prompt) -> Path:
        """Find a prompt's file; `MissingPromptError` says where it was looked for."""
        if self._folder is None:
            raise MissingPromptError(f"prompt {prompt.name!r}: no folder of prompts is configured")
        # A name that leads out of the folder is a missing prompt like any other.
        if _NAME.fullmatch(prompt.name) and _LANGUAGE.fullmatch(prompt.language):
            for suffix in FORMATS:
                found = self._folder / prompt.language / (prompt.name + suffix)
                if found.is_file():
                    return found
        place = self._folder / prompt.language
        raise MissingPromptError(f"prompt {prompt.name!r} is not in {place} ({', '.join(FORMATS)})")

    def missing(self, prompts: Iterable[Prompt]) -> list[str]:
        """Tell all that is missing at once, for a check before the start."""
        faults = []
        for prompt in prompts:
            try:
                self.path(prompt)
            except MissingPromptError as error:
                faults.append(str(error))
        return faults
