"""Who hears what on the simulated plane, and what tests choose: lengths, speech, keys, faults."""

import pytest

from media.plane import (
    Allocate,
    AudioFile,
    AudioFormat,
    Collect,
    CollectEnd,
    Connect,
    DigitHeard,
    DigitsCollected,
    Direct,
    MediaAddress,
    Music,
    PlaneReport,
    Play,
    PlayEnd,
    PlayEnded,
    Prompt,
    Record,
    RecordEnd,
    RecordEnded,
    Release,
    Silence,
    Source,
    StopCollect,
    StopPlay,
    StopRecord,
    Terminate,
    Tone,
    ToneName,
)
from tests.support.media import SimulatedMediaPlane
from tests.support.network import SimulatedNetwork
from tests.support.switch import World

PCMU = AudioFormat("PCMU", 0)
FAR = MediaAddress("192.0.2.1", 4000, 4001)


class Stage:
    """A plane with the endpoints `a`, which is terminated, and `b`."""

    def __init__(self) -> None:
        self.network = SimulatedNetwork()
        self.reports: list[PlaneReport] = []
        self.plane = SimulatedMediaPlane(self.network, self.reports.append)
        for endpoint in ("a", "b"):
            self.plane.perform(Allocate(endpoint, "call"))
            self.plane.perform(Direct(endpoint, 0, FAR))
        self.plane.perform(Terminate("a", PCMU))
        self.wait(0.1)
        self.reports.clear()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.network.run_for(seconds)

    def play(self, *sources: Source, repeat: int | None = 1) -> None:
        """Play to `a`."""
        self.plane.perform(Play("a", sources, repeat))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (Music(), "music"),
        (Tone(ToneName.RINGBACK), "tone:ringback"),
        (Prompt("closed"), "prompt:closed"),
        (AudioFile("/own.wav"), "file:/own.wav"),
        (Silence(1.0), None),
    ],
)
def test_each_source_has_a_name_under_which_it_is_heard(source: Source, name: str | None) -> None:
    stage = Stage()
    stage.play(source)
    assert stage.plane.hears("a") == name


def test_who_hears_whom_follows_the_connections_and_directions() -> None:
    stage = Stage()
    assert stage.plane.hears("a") is None
    assert stage.plane.hears("nobody") is None
    stage.plane.perform(Connect("a", "b"))
    assert (stage.plane.hears("a"), stage.plane.hears("b")) == ("b", "a")
    stage.plane.perform(Direct("b", 0, FAR, send=False))
    assert (stage.plane.hears("a"), stage.plane.hears("b")) == ("b", None)
    stage.plane.perform(Direct("b", 0, FAR, receive=False))
    assert (stage.plane.hears("a"), stage.plane.hears("b")) == (None, "a")
    stage.plane.perform(Terminate("a", PCMU))
    stage.play(Music(), repeat=None)
    assert (stage.plane.hears("a"), stage.plane.hears("b")) == ("music", None)
    stage.plane.perform(Direct("a", 0, None))
    assert stage.plane.hears("a") is None


def test_sources_are_heard_one_after_another_and_over_again() -> None:
    stage = Stage()
    stage.plane.durations = {"prompt:closed": 4.0}
    stage.play(Prompt("closed"), Silence(1.0), Tone(ToneName.BUSY), repeat=2)
    heard = []
    for _ in range(12):
        heard.append(stage.plane.hears("a"))
        stage.wait(1.0)
    once = ["prompt:closed"] * 4 + [None, "tone:busy"]
    assert heard == once * 2
    stage.wait(0.1)
    assert stage.reports == [PlayEnded("a", PlayEnd.FINISHED)]
    assert stage.plane.hears("a") is None


def test_what_repeats_without_end_goes_on_until_it_is_stopped() -> None:
    stage = Stage()
    stage.play(Music(), repeat=None)
    stage.wait(3600.0)
    assert stage.plane.hears("a") == "music"
    stage.plane.perform(StopPlay("a"))
    stage.wait(0.1)
    assert stage.reports == [PlayEnded("a", PlayEnd.STOPPED)]
    stage.play(Silence(0.0), repeat=None)
    stage.wait(0.1)
    assert stage.reports[1:] == [PlayEnded("a", PlayEnd.FINISHED)]


def test_a_prompt_that_is_not_there_is_a_fault_and_one_made_unplayable_is_not() -> None:
    stage = Stage()
    stage.plane.unplayable = {"file:/own.wav"}
    stage.play(AudioFile("/own.wav"))
    stage.play(Prompt("none-such"))
    stage.wait(0.1)
    assert [each.reason for each in stage.reports if isinstance(each, PlayEnded)] == [
        PlayEnd.FAILED
    ] * 2
    assert len(stage.plane.faults) == 1
    assert "none-such" in stage.plane.faults[0]


def test_a_record_is_as_long_as_the_far_side_speaks_and_silence_lasts() -> None:
    stage = Stage()
    stage.plane.speech["a"] = 12.0
    stage.plane.perform(Record("a", "/m.wav"))
    assert stage.plane.hears("a") == "tone:beep"
    assert stage.plane.terminals["a"].is_recording
    stage.wait(20.0)
    (ended,) = stage.reports
    assert isinstance(ended, RecordEnded)
    assert ended.reason is RecordEnd.SILENCE
    assert (ended.seconds, ended.sounding_seconds) == (pytest.approx(17.0), 12.0)


def test_a_play_cuts_the_beep_and_the_record_begins_after_it() -> None:
    stage = Stage()
    stage.plane.perform(Record("a", "/m.wav", max_seconds=1.0, silence_seconds=None))
    stage.wait(0.1)
    stage.play(Tone(ToneName.BUSY, 2.0))
    assert stage.plane.hears("a") == "tone:busy"
    stage.wait(2.1)
    assert stage.plane.hears("a") == "tone:beep"
    stage.wait(1.5)
    assert isinstance(stage.reports[-1], RecordEnded)
    assert stage.reports[-1].reason is RecordEnd.LIMIT


def test_a_disk_fault_fails_records() -> None:
    stage = Stage()
    stage.plane.disk_fault = "no space left"
    stage.plane.perform(Record("a", "/m.wav"))
    stage.plane.perform(StopRecord("a"))
    stage.wait(0.1)
    assert stage.reports == [
        RecordEnded("a", "/m.wav", RecordEnd.FAILED, 0.0, 0.0, "no space left")
    ]


def test_keys_come_one_after_another_and_only_a_terminated_endpoint_hears_them() -> None:
    stage = Stage()
    stage.plane.perform(Collect("a", max_digits=4))
    assert stage.plane.terminals["a"].is_collecting
    stage.plane.press("b", "9")
    stage.plane.press("a", "12#", interval=1.0)
    stage.wait(0.5)
    assert [each.digit for each in stage.reports if isinstance(each, DigitHeard)] == ["1"]
    stage.wait(2.0)
    assert stage.reports[-1] == DigitsCollected("a", "12", CollectEnd.TERMINATOR)
    stage.plane.press("a", "x")
    stage.plane.perform(Collect("a"))
    stage.plane.perform(StopCollect("a"))
    stage.wait(30.0)
    assert isinstance(stage.reports[-1], DigitsCollected)
    assert len(stage.plane.commands) == 4


def test_a_released_endpoint_leaves_no_terminal_and_nothing_due() -> None:
    stage = Stage()
    stage.play(Music(), repeat=None)
    assert stage.plane.terminals["a"].playing == Play("a", (Music(),), None)
    assert stage.plane.streams_in_use == 3
    stage.plane.perform(Release("a"))
    stage.wait(0.1)
    assert (stage.plane.terminals, stage.plane.streams_in_use) == ({}, 1)
    assert stage.network._next_due() is None


def test_terminating_what_is_unknown_is_a_fault() -> None:
    stage = Stage()
    stage.plane.perform(Terminate("x", PCMU))
    stage.wait(0.1)
    assert len(stage.plane.faults) == 1


def test_parties_of_a_call_hear_each_other_or_the_switch_by_name() -> None:
    world = World()
    world.register("alice", "bob")
    call = world.alice.call("102")
    assert world.hears(call) is None
    world.run(10.0)
    (other,) = world.bob.calls
    assert (world.hears(call), world.hears(other)) == ("bob", "alice")
    assert call.remote is not None
    endpoint = world.switch.media.endpoint_at(call.remote.host, call.remote.port)
    assert endpoint is not None
    world.switch.media.perform(Terminate(endpoint, PCMU))
    world.switch.media.perform(Play(endpoint, (Music(),), None))
    world.press(call, "1")
    world.run(1.0)
    assert (world.hears(call), world.hears(other)) == ("music", None)
    assert world.switch.media.endpoint_at("192.0.2.99", 1) is None
    assert world.switch.leftovers()["terminated endpoints"] == 1
    call.hang_up()
    world.expect_clean()
