"""A switch that starts makes its sounds ready: what an operator recorded badly is told at once."""

from pathlib import Path

import soundfile

from tests.support.daemon import CONFIGURATION, running_daemon
from tests.support.sound import sine

OWN_PROMPTS = CONFIGURATION.replace("[media]", '[media]\nprompts = "own"', 1)


def test_an_own_prompt_that_cannot_be_played_is_told_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "ja"
    folder.mkdir(parents=True)
    soundfile.write(folder / "closed.wav", sine(440, 0.2), 8000)
    (folder / "busy.wav").write_bytes(b"not a sound at all")
    with running_daemon(tmp_path, OWN_PROMPTS) as daemon:
        told = daemon.wait_for("sound_unusable")
        assert told["level"] == "warning"
        assert str(folder / "busy.wav") in str(told["reason"])
        daemon.expect_no_fault()
        assert daemon.end() == 0
        assert len(daemon.of("sound_unusable")) == 1


def test_a_switch_that_ends_while_it_makes_sounds_ready_ends_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "ja"
    folder.mkdir(parents=True)
    for number in range(50):
        soundfile.write(folder / f"own-{number}.wav", sine(440, 10.0, 48000), 48000)
    with running_daemon(tmp_path, OWN_PROMPTS) as daemon:
        assert daemon.end() == 0
        assert daemon.of("stopped")
        assert not daemon.of("loop_fault")
