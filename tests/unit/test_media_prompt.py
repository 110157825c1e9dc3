"""The catalogue of prompts."""

from pathlib import Path

import pytest

from media.plane import Prompt
from media.prompt import SHIPPED, MissingPromptError, PromptCatalogue


def test_a_prompt_is_found_by_name_and_language(tmp_path: Path) -> None:
    for place in ("ja/hello.wav", "ja/hello.flac", "en/hello.ogg"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).touch()
    catalogue = PromptCatalogue(tmp_path)
    assert catalogue.path(Prompt("hello")) == tmp_path / "ja/hello.flac"
    assert catalogue.path(Prompt("hello", "en")) == tmp_path / "en/hello.ogg"


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja/there.wav").touch()
    faults = PromptCatalogue(tmp_path).missing([Prompt("a"), Prompt("there"), Prompt("b", "en")])
    assert len(faults) == 2
    assert faults[0].startswith(f"prompt 'a' is not in {tmp_path / 'ja'}")


@pytest.mark.parametrize(
    "prompt", [Prompt("../secret"), Prompt("a", "../x"), Prompt(""), Prompt("A"), Prompt("a.b")]
)
def test_a_name_that_leads_elsewhere_is_missing(tmp_path: Path, prompt: Prompt) -> None:
    (tmp_path / "secret.wav").touch()
    with pytest.raises(MissingPromptError):
        PromptCatalogue(tmp_path / "ja").path(prompt)


def test_without_a_folder_there_are_the_shipped_prompts() -> None:
    assert PromptCatalogue(None).path(Prompt("busy")) == SHIPPED / "ja/busy.ogg"
    with pytest.raises(MissingPromptError, match="prompt 'none' is not in"):
        PromptCatalogue(None).path(Prompt("none"))


def test_a_prompt_of_ones_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja/busy.wav").touch()
    catalogue = PromptCatalogue(tmp_path)
    assert catalogue.path(Prompt("busy")) == tmp_path / "ja/busy.wav"
    assert catalogue.path(Prompt("busy", "en")) == SHIPPED / "en/busy.ogg"
