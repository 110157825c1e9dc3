"""A spectrogram as a PNG file (ISO 15948): time to the right, pitch upward, loudness as colour."""

import zlib
from pathlib import Path
from struct import pack

import numpy as np
import numpy.typing as npt

from tests.interop.support.sound import Samples

TOP_HERTZ = 1_500
WINDOW_SECONDS = 0.064
STEP_SECONDS = 0.01
FLOOR_DB = -70.0
SCALE = 4
"""Pixels a step and a band."""

COLOURS = np.array(
    [[8, 8, 28], [45, 20, 90], [140, 40, 110], [230, 95, 60], [250, 190, 70], [255, 250, 215]]
)
GAP = np.array([255, 255, 255])


def draw(file: Path, sounds: list[tuple[Samples, int]]) -> None:
    """Draw the spectrograms below each other."""
    pictures = [_spectrogram(samples, rate) for samples, rate in sounds]
    width = min(picture.shape[1] for picture in pictures)
    rows: list[npt.NDArray[np.uint8]] = []
    for picture in pictures:
        rows += [picture[:, :width], np.broadcast_to(GAP, (2 * SCALE, width, 3)).astype(np.uint8)]
    _write(file, np.concatenate(rows[:-1]))


def _spectrogram(samples: Samples, rate: int) -> npt.NDArray[np.uint8]:
    size, step = int(WINDOW_SECONDS * rate), int(STEP_SECONDS * rate)
    window = np.hanning(size)
    pieces = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), size)[::step]
    bands = int(TOP_HERTZ * WINDOW_SECONDS)
    power = np.abs(np.fft.rfft(pieces * window))[:, :bands] / (32768 * size / 4)
    loud = np.clip(1 - 20 * np.log10(power + 1e-9) / FLOOR_DB, 0, 1).T[::-1]
    place = loud * (len(COLOURS) - 1)
    lower = np.minimum(place.astype(int), len(COLOURS) - 2)
    part = (place - lower)[..., None]
    colour = COLOURS[lower] * (1 - part) + COLOURS[lower + 1] * part
    pixels: npt.NDArray[np.uint8] = colour.astype(np.uint8)
    return pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def _write(file: Path, pixels: npt.NDArray[np.uint8]) -> None:
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + pixels[row].tobytes() for row in range(height))
    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(lines, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, octets: bytes) -> bytes:
    return pack(">I", len(octets)) + kind + octets + pack(">I", zlib.crc32(kind + octets))
