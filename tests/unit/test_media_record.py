"""How much is recorded."""

import numpy as np
import pytest

from media import record
from media.codec.samples import Samples, silence
from media.plane import RecordEnd
from media.record import Recorder
from tests.support.sound import sine


def recorder(
    max_seconds: float = 10, silence_seconds: float | None = 2
) -> tuple[Recorder, list[bytes]]:
    written: list[bytes] = []
    made = Recorder(
        8000,
        max_seconds=max_seconds,
        silence_seconds=silence_seconds,
        write=written.append,
    )
    return made, written


def feed(into: Recorder, sound: Samples, size: int = 130) -> RecordEnd | None:
    for at in range(0, len(sound), size):
        end = into.hear(sound[at : at + size])
        if end is not None:
            return end
    return None


def test_what_is_heard_is_written_by_the_second_and_the_rest_at_the_end() -> None:
    made, written = recorder()
    sound = sine(440, 2.5)
    assert feed(made, sound) is None
    assert len(written) == 2
    made.flush()
    made.flush()
    assert b"".join(written) == sound.tobytes()
    assert made.seconds == 2.5
    assert made.sounding_seconds == pytest.approx(2.5, abs=0.02)


def test_silence_ends_it_when_it_lasts() -> None:
    made, _ = recorder()
    pauses = np.concatenate((sine(440, 0.5), silence(15_000), sine(440, 0.5), silence(30_000)))
    assert feed(made, pauses) is RecordEnd.SILENCE
    assert made.seconds == pytest.approx(0.5 + 15_000 / 8000 + 0.5 + 2.0, abs=0.05)
    assert made.sounding_seconds == pytest.approx(1.0, abs=0.05)


def test_soft_speech_is_no_silence_and_room_noise_is() -> None:
    assert feed(recorder()[0], sine(440, 5, dbfs=-42)) is None
    assert feed(recorder()[0], sine(440, 5, dbfs=-55)) is RecordEnd.SILENCE


def test_silence_may_last_when_it_ends_nothing() -> None:
    assert feed(recorder(silence_seconds=None)[0], silence(72_000)) is None


def test_the_limit_ends_it_to_the_sample() -> None:
    made, written = recorder(max_seconds=1.5)
    assert feed(made, sine(440, 9)) is RecordEnd.LIMIT
    assert made.hear(sine(440, 1)) is RecordEnd.LIMIT
    made.flush()
    assert sum(map(len, written)) == 2 * 12_000


def test_no_record_is_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MAX_SECONDS", 1.0)
    assert feed(recorder(max_seconds=9e9)[0], sine(440, 2)) is RecordEnd.LIMIT
