"""Make the shipped prompts from their texts (`make prompts`), list them, and hear one.

    python -m tools.prompts make [--all] [NAME ...]   those whose text changed, all, or those named
    python -m tools.prompts list [WORD]               names, durations and texts
    python -m tools.prompts play NAME [LANGUAGE] [RATE]
        plays it as a caller hears it (RATE 8000 or 16000), with the first player that is installed

Making needs the `speech` extra. The same text gives the same file with the same versions of the
synthesisers and libraries. Each file holds what was spoken as its comment.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

from media import loudness, wav
from media.codec.samples import Samples
from media.plane import Prompt
from media.prompt import SHIPPED, PromptCatalogue
from media.prompt_text import LANGUAGES, prompt_texts
from media.synthesis import RATE_HZ, polish
from media.voice import voice
from tools.ogg import with_serial

COMPRESSION = 0.95
"""Of libsndfile's Opus encoder: about 18 kbit/s, where wideband speech still sounds clean."""
SERIAL = 1
"""Of the one stream in each file."""
PLAYERS = (("paplay",), ("aplay", "-q"), ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"))


def main(arguments: list[str]) -> int:
    """Carry out a command."""
    parser = argparse.ArgumentParser(prog="python -m tools.prompts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    make.add_argument("--all", action="store_true")
    make.add_argument("names", nargs="*")
    commands.add_parser("list").add_argument("word", nargs="?", default="")
    play = commands.add_parser("play")
    play.add_argument("name")
    play.add_argument("language", nargs="?", default="ja", choices=LANGUAGES)
    play.add_argument("rate", nargs="?", type=int, default=RATE_HZ)
    said = parser.parse_args(arguments)
    match said.command:
        case "make":
            return make_prompts(said.names, SHIPPED, everything=said.all)
        case "list":
            return list_prompts(said.word)
        case _:
            return play_prompt(Prompt(said.name, said.language), said.rate)


def make_prompts(names: list[str], folder: Path, *, everything: bool = False) -> int:
    """Make those that are named, or whose file does not speak their text; drop what has no text."""
    texts = prompt_texts()
    unknown = set(names) - set(texts)
    if unknown:
        print("no such prompt:", *sorted(unknown), file=sys.stderr)
        return 1
    made = 0
    for language in LANGUAGES:
        place = folder / language
        place.mkdir(parents=True, exist_ok=True)
        for stray in place.glob("*.ogg"):
            if stray.stem not in texts:
                stray.unlink()
        for name in names or texts:
            path = place / f"{name}.ogg"
            spoken = texts[name].spoken(language)
            if everything or names or spoken_in(path) != spoken:
                write(path, polish(*voice(language).speak(spoken)), spoken)
                made += 1
    print(f"{made} prompts made in {folder}")
    return 0


def write(path: Path, samples: Samples, spoken: str) -> None:
    """Write a prompt whole, or not at all."""
    part = path.with_suffix(".part")
    with soundfile.SoundFile(
        part, "w", RATE_HZ, 1, format="OGG", subtype="OPUS", compression_level=COMPRESSION
    ) as opened:
        opened.comment = spoken
        opened.write(samples)
    # The library draws a random serial number for the stream; without it a file can be made again.
    part.write_bytes(with_serial(part.read_bytes(), SERIAL))
    part.replace(path)


def spoken_in(path: Path) -> str | None:
    """Read what a prompt's file says; None when there is no such file."""
    if not path.is_file():
        return None
    with soundfile.SoundFile(path) as opened:
        return str(opened.comment)


def list_prompts(word: str) -> int:
    """List the prompts whose name or text has a word in it."""
    for name, text in prompt_texts().items():
        if word in name or word in text.ja or word in text.en:
            for language in LANGUAGES:
                path = PromptCatalogue().path(Prompt(name, language))
                seconds = soundfile.info(path).duration
                print(f"{name:24} {language} {seconds:5.1f} s  {text.text(language)}")
    return 0


def play_prompt(prompt: Prompt, rate_hz: int) -> int:
    """Play a prompt as a caller hears it."""
    wave = wav.read(PromptCatalogue().path(prompt), rate_hz)
    player = next((each for each in PLAYERS if shutil.which(each[0])), None)
    if player is None:
        print("install one of:", *(each[0] for each in PLAYERS), file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        path = Path(folder) / "prompt.wav"
        soundfile.write(path, loudness.equalise(wave, rate_hz), rate_hz)
        return subprocess.run([*player, path], check=False).returncode  # noqa: S603 - named above


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
