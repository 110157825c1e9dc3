"""A recording on its way to the disk: it has its name when it is whole and safe, and not before."""

import os
from pathlib import Path
from typing import BinaryIO

from media import wav

PARTIAL = ".part"
"""What a recording's name ends in until it is whole; such files after a start are remains."""


class RecordingFile:
    """A WAV file that is written piece by piece. Everything here blocks and may raise OSError."""

    def __init__(self, path: Path, rate_hz: int) -> None:
        self._path = path
        self._rate_hz = rate_hz
        self._partial = path.with_name(path.name + PARTIAL)
        self._file: BinaryIO | None = None
        self._octets = 0

    def write(self, octets: bytes) -> None:
        """Add sound."""
        self._opened().write(octets)
        self._octets += len(octets)

    def finish(self) -> None:
        """Complete the file, wait for the disk and give the file its name."""
        opened = self._opened()
        opened.seek(0)
        opened.write(wav.header(self._rate_hz, self._octets))
        opened.flush()
        os.fsync(opened.fileno())
        opened.close()
        self._partial.rename(self._path)
        # The name is safe when the folder is.
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            # Closing writes what is buffered: on a full disk it fails a second time.
            try:
                self._file.close()
            finally:
                self._partial.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = self._partial.open("wb")
            self._file.write(wav.header(self._rate_hz, 0))
        return self._file
