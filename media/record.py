"""Records: how much of the sound is kept, and when a record is over."""

from collections.abc import Callable

import numpy as np

from media.codec.samples import FULL_SCALE, Samples
from media.plane import RecordEnd

SILENCE_DBFS = -45.0
"""A frame below is silence: a quiet room through a handset has about -55, soft speech -40."""
MAX_SECONDS = 3600.0
"""No record is longer, whatever is asked for: 58 or 115 MB, and an hour nobody listens to."""
_FRAME = 0.02
_CHUNK = 1.0
"""Sound is given to the file by the second."""


class Recorder:
    """Take sound until there is enough, or nothing but silence."""

    def __init__(
        self,
        rate_hz: int,
        *,
        max_seconds: float,
        silence_seconds: float | None,
        write: Callable[[bytes], None],
    ) -> None:
        self._rate_hz = rate_hz
        self._left = round(min(max_seconds, MAX_SECONDS) * rate_hz)
        self._silence = None if silence_seconds is None else round(silence_seconds * rate_hz)
        self._write = write
        self._chunk: list[Samples] = []
        self._in_chunk = 0
        self._frame: Samples = np.zeros(0, np.int16)
        self._frame_size = round(_FRAME * rate_hz)
        self._quietest = self._frame_size * (FULL_SCALE * 10 ** (SILENCE_DBFS / 20)) ** 2
        """The energy of a frame that just sounds."""
        self._quiet = 0
        self._taken = 0
        self._sounding = 0

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        return self._taken / self._rate_hz

    @property
    def sounding_seconds(self) -> float:
        """How much of it is not silence."""
        return self._sounding / self._rate_hz

    def hear(self, samples: Samples) -> RecordEnd | None:
        """Take sound; says why, when the record is over with it."""
        taken = samples[: self._left]
        self._left -= len(taken)
        self._taken += len(taken)
        self._chunk.append(taken)
        self._in_chunk += len(taken)
        if self._in_chunk >= _CHUNK * self._rate_hz:
            self.flush()
        self._judge(taken)
        if not self._left:
            return RecordEnd.LIMIT
        if self._silence is not None and self._quiet >= self._silence:
            return RecordEnd.SILENCE
        return None

    def flush(self) -> None:
        """Give the file what it doesn't have yet."""
        if self._in_chunk:
            self._write(np.concatenate(self._chunk).astype("<i2").tobytes())
        self._chunk.clear()
        self._in_chunk = 0

    def _judge(self, samples: Samples) -> None:
        """Tell sound and silence apart, frame by frame."""
        size = self._frame_size
        rest = np.concatenate((self._frame, samples)) if len(self._frame) else samples
        while len(rest) >= size:
            frame = rest[:size].astype(np.float32)
            if np.dot(frame, frame) < self._quietest:
                self._quiet += size
            else:
                self._quiet = 0
                self._sounding += size
            rest = rest[size:]
        self._frame = rest
