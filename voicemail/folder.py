"""The messages' folder: a sound file a message and a slip beside it, in a folder a number.

The media plane writes `ID.wav.part` and renames it when it is whole and on the disk; the slip
`ID.json` is there before. Everything here blocks and may raise OSError.
"""

import os
import re
import shutil
from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from media import wav
from media.recording import PARTIAL
from voicemail.message import Slip

SOUND, SLIP, BROKEN = ".wav", ".json", ".broken"

_SAFE = re.compile(r"[^+0-9A-Za-z_-]")


class Folder:
    """Every number's messages under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, number: str, name: str) -> Path:
        """Name a message's sound file."""
        return self._root / _SAFE.sub("_", number) / f"{name}{SOUND}"

    def begin(self, slip: Slip) -> Path:
        """Put a slip on the disk and return where the sound is to be recorded."""
        sound = self.path(slip.number, slip.id)
        if not sound.parent.is_dir():
            sound.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _keep_names(self._root)
        partial = sound.with_suffix(SLIP + PARTIAL)
        with partial.open("wb") as opened:
            opened.write(msgspec.json.encode(slip))
            opened.flush()
            os.fsync(opened.fileno())
        partial.rename(sound.with_suffix(SLIP))
        _keep_names(sound.parent)
        return sound

    def remove(self, number: str, name: str) -> None:
        """Leave nothing of a message; the sound goes first, so that a slip alone is no message."""
        sound = self.path(number, name)
        for each in (sound, sound.with_name(sound.name + PARTIAL), sound.with_suffix(SLIP)):
            each.unlink(missing_ok=True)
        if sound.parent.is_dir():
            _keep_names(sound.parent)

    def slips(self, known: Container[str] = ()) -> Iterator[Slip]:
        """Read every slip of an unknown message; one that can't be read is set aside."""
        for file in sorted(self._root.glob(f"*/*{SLIP}")):
            if file.stem in known:
                continue
            try:
                yield msgspec.json.decode(file.read_bytes(), type=Slip)
            except msgspec.MsgspecError:
                file.rename(file.with_name(file.name + BROKEN))

    def tidy(self, current: Container[str]) -> None:
        """Remove slips that were being written when the machine stopped."""
        for file in self._root.glob(f"*/*{SLIP}{PARTIAL}"):
            if file.name.partition(".")[0] not in current:
                file.unlink(missing_ok=True)

    def strays(self) -> Iterator[Path]:
        """Find sound without a slip."""
        for file in sorted(self._root.glob(f"*/*{SOUND}")):
            if not file.with_suffix(SLIP).exists():
                yield file

    def salvage(self, slip: Slip) -> float | None:
        """Find a message's sound after a crash and return its seconds; None without any.

        What was being recorded when the machine stopped gets the header that it lacks.
        """
        sound = self.path(slip.number, slip.id)
        partial = sound.with_name(sound.name + PARTIAL)
        if not sound.exists() and partial.exists():
            _complete(partial, sound)
        return seconds_of(sound) if sound.exists() else None

    def set_aside(self, slip: Slip) -> None:
        """Give the files of a message that can't be played names that nothing looks for."""
        sound = self.path(slip.number, slip.id)
        for each in (sound, sound.with_suffix(SLIP)):
            with suppress(FileNotFoundError):
                each.rename(each.with_name(each.name + BROKEN))

    def free_octets(self) -> int:
        """Tell how much room the disk has."""
        folder = self._root
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free


def seconds_of(sound: Path) -> float:
    """Tell how long a recording is, by its size; 0 for what is no recording of ours."""
    with sound.open("rb") as opened:
        head = opened.read(wav.HEADER_SIZE)
        octets = os.fstat(opened.fileno()).st_size - wav.HEADER_SIZE
    rate_hz = _rate(head)
    return 0.0 if rate_hz is None else octets / (2 * rate_hz)


def _complete(partial: Path, sound: Path) -> None:
    with partial.open("r+b") as opened:
        rate_hz = _rate(opened.read(wav.HEADER_SIZE))
        octets = os.fstat(opened.fileno()).st_size - wav.HEADER_SIZE
        if rate_hz is None or octets <= 0:
            return
        opened.seek(0)
        opened.write(wav.header(rate_hz, octets - octets % 2))
        opened.truncate(wav.HEADER_SIZE + octets - octets % 2)
        opened.flush()
        os.fsync(opened.fileno())
    partial.rename(sound)
    _keep_names(sound.parent)


def _rate(head: bytes) -> int | None:
    if len(head) < wav.HEADER_SIZE or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    return int.from_bytes(head[24:28], "little") or None


def _keep_names(folder: Path) -> None:
    """Wait until the folder's names are on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
