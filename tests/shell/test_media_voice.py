"""The voices in their process: what is spoken, and each way in which it fails."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

import pytest

from media import loudness
from media.codec.samples import FULL_SCALE
from media.synthesis import RATE_HZ, Synthesiser, SynthesisError, synthesise

TONE = """
import numpy
def tts(text, speed):
    assert text == "本日は休業です。", text
    return numpy.sin(numpy.arange(48000) / 10) * 40000, 48000
"""
has_voices = pytest.mark.skipif(
    find_spec("pyopenjtalk") is None or find_spec("piper") is None,
    reason="the speech extra is not installed",
)


def stand_in(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a module in the synthesiser's place, for the process that speaks."""
    (folder / "pyopenjtalk.py").write_text(code, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_a_text_is_spoken_at_the_loudness_of_prompts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(TONE, tmp_path, monkeypatch)
    samples = synthesise("本日は休業です。\n", "ja")
    assert len(samples) == pytest.approx(RATE_HZ, rel=0.01)
    level = loudness.active_level(samples / FULL_SCALE, RATE_HZ)
    assert level == pytest.approx(loudness.TARGET_DBFS, abs=0.1)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("raise ImportError('no such thing')", "no synthesiser is installed.*no such thing"),
        ("raise RuntimeError('broken')", "the synthesiser failed: RuntimeError: broken"),
        ("import os; os.abort()", "the synthesiser failed"),
        ("import os; os._exit(0)", "the text gave no sound"),
        ("import os; os._exit(9)", "the synthesiser failed: it said nothing"),
        ("def tts(text, speed): return [0] * 9, 48000", "the text gave only silence"),
    ],
)
def test_a_fault_of_the_synthesiser_is_told(
    code: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(code, tmp_path, monkeypatch)
    with pytest.raises(SynthesisError, match=fault):
        synthesise("本日は休業です。", "ja")


def test_a_synthesiser_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("import threading; threading.Event().wait()", tmp_path, monkeypatch)
    with pytest.raises(SynthesisError, match="not spoken within 1 s"):
        synthesise("本日は休業です。", "ja", time_limit=1.0)


async def test_the_loop_goes_on_while_a_text_is_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(TONE, tmp_path, monkeypatch)
    turns = 0
    async with asyncio.TaskGroup() as group:
        spoken = group.create_task(Synthesiser().speak("本日は休業です。", "ja"))
        while not spoken.done():
            await asyncio.sleep(0.01)
            turns += 1
    assert turns > 5
    assert len(spoken.result())


async def test_a_text_that_can_not_be_spoken_is_told_before_any_work() -> None:
    with pytest.raises(SynthesisError, match="nothing that can be spoken"):
        await Synthesiser().speak("", "ja")


@has_voices
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("本日は、社員研修のため休業です。", "ja"),
        ("We are closed today. Please call again.", "en"),
    ],
)
def test_the_voices_of_the_extra_speak(text: str, language: str) -> None:
    samples = synthesise(text, language)
    assert 1.5 < len(samples) / RATE_HZ < 6.0
