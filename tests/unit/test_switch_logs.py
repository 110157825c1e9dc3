"""Log lines: their forms, their filter, and what happens when nobody reads."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast

import pytest

from switch.effect import Level, Log
from switch.log_line import mask, read_back
from switch.logs import GATHER_SECONDS, MAX_BUFFERED_OCTETS, RETRY_SECONDS, Logs, LogSettings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

AT = 1_795_000_000.125
LINE = Log("call_answered", Level.INFO, {"call_id": "a1b2c3d4e5", "caller": "+81312345678"})


class TurnHandle:
    """What a loop is yet to do."""

    def __init__(self, act: Callable[[], None], delay: float) -> None:
        self.act = act
        self.delay = delay
        self.is_cancelled = False

    def cancel(self) -> None:
        """Do it never."""
        self.is_cancelled = True


class TurnLoop:
    """A loop that runs what was asked for when it is told to turn."""

    def __init__(self) -> None:
        self._asked: list[TurnHandle] = []

    @property
    def due(self) -> list[float]:
        """Tell after how long each thing is to be done."""
        return [each.delay for each in self._asked if not each.is_cancelled]

    def call_soon(self, act: Callable[[], None]) -> TurnHandle:
        """Take it for the next turn."""
        return self.call_later(0, act)

    def call_later(self, delay: float, act: Callable[[], None]) -> TurnHandle:
        """Take it for the next turn: time does not matter here."""
        self._asked.append(TurnHandle(act, delay))
        return self._asked[-1]

    def is_closed(self) -> bool:
        """Never."""
        return False

    def turn(self) -> None:
        """Do what was asked for before."""
        asked, self._asked = self._asked, []
        for each in asked:
            if not each.is_cancelled:
                each.act()


class Sink:
    """A file that log lines go to."""

    def __init__(self, file: IO[bytes]) -> None:
        self.descriptor = file.fileno()
        self._path = Path(file.name)

    def text(self) -> str:
        """Read what was written."""
        return self._path.read_text()

    def logs(self, settings: LogSettings | None = None) -> Logs:
        """Log to the file."""
        return Logs(settings or LogSettings(), lambda: AT, self.descriptor)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with (tmp_path / "log").open("wb") as file:
        yield Sink(file)


def test_a_json_line_begins_with_time_level_and_event(sink: Sink) -> None:
    sink.logs().write(LINE)
    assert list(json.loads(sink.text())) == ["time", "level", "event", "call_id", "caller"]
    assert json.loads(sink.text())["time"] == "2026-11-18T11:06:40.125Z"


def test_a_console_line_shows_the_short_call_and_pairs(sink: Sink) -> None:
    sink.logs(LogSettings("console")).write(LINE)
    assert sink.text() == (
        "11:06:40.125 INFO    call_answered              a1b2c3d4 caller=+81312345678\n"
    )


def test_a_console_line_quotes_what_would_mislead_a_reader_or_a_terminal(sink: Sink) -> None:
    fields = {"user_agent": 'a "b"', "name": "x\x1b[2J\n", "none": None, "ja": "代表", "empty": ""}
    sink.logs(LogSettings("console")).write(Log("e\n", Level.WARNING, dict(fields)))
    assert sink.text() == (
        '11:06:40.125 WARNING e\\n                                 user_agent="a \\"b\\"" '
        'name="x\\u001b[2J\\n" ja=代表 empty=""\n'
    )


def test_a_terminal_gets_colours() -> None:
    master, slave = os.openpty()
    try:
        logs = Logs(LogSettings("console"), lambda: AT, slave)
        logs.write(Log("broken", Level.ERROR, {}))
        assert b"\x1b[31;1m" in os.read(master, 1000)
    finally:
        os.close(master)
        os.close(slave)


def test_octets_that_are_no_utf8_are_replaced(sink: Sink) -> None:
    sink.logs().write(Log("x", Level.INFO, {"ua": b"\xff".decode("utf-8", "surrogateescape")}))
    assert json.loads(sink.text())["ua"] == "?"


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_value_forges_a_line_or_commands_a_terminal(
    form: Literal["json", "console"], sink: Sink
) -> None:
    text = "\u5c71 \x1b[31m\x9b31m\x85\u2028\u2029\x0b\x0c\r\n\u202e\x00x"
    sink.logs(LogSettings(form)).write(Log("odd", Level.INFO, {"called": text}))
    (line,) = sink.text().splitlines()
    assert line.isprintable()
    assert "\u5c71" in line
    assert form == "console" or json.loads(line)["called"] == text


def test_a_line_below_the_level_is_not_written(sink: Sink) -> None:
    logs = sink.logs(LogSettings(level=Level.WARNING))
    logs.write(LINE)
    logs.logger.info("quiet")
    logs.logger.warning("loud", caller="0312345678")
    assert [json.loads(line)["event"] for line in sink.text().splitlines()] == ["loud"]
    assert logs.written == 1


def test_numbers_are_masked_on_request(sink: Sink) -> None:
    logs = sink.logs(LogSettings(mask_numbers=True))
    logs.write(LINE)
    logs.logger.info("x", called="0312345678", status=200)
    first, second = map(json.loads, sink.text().splitlines())
    assert (first["caller"], second["called"]) == ("+*******5678", "******5678")


def test_the_mask_covers_the_decision_and_a_contacts_user_but_no_address(sink: Sink) -> None:
    logs = sink.logs(LogSettings(mask_numbers=True))
    fields = {
        "decision": "call +81312345678 by carrier, presenting +815012340101",
        "number": "+815012340101",
        "contact": "sip:05012340101@192.0.2.7:50601",
        "address": "udp:192.0.2.7:50601",
    }
    logs.write(Log("x", Level.INFO, {**fields}))
    line = json.loads(sink.text())
    assert line["decision"] == "call +*******5678 by carrier, presenting +********0101"
    assert line["number"] == "+********0101"
    assert line["contact"] == "sip:*******0101@192.0.2.7:50601"
    assert line["address"] == fields["address"]


def test_the_console_shows_once_whose_call_it_is(sink: Sink) -> None:
    logs = sink.logs(LogSettings("console"))
    whose = {"call_id": "abcdef", "sip_call_id": "x@h", "contract": "shop", "number": "+81"}
    for event in ("call_received", "call_ended"):
        logs.write(Log(event, Level.INFO, {**whose, "device": "101"}))
    begun, ended = sink.text().splitlines()
    assert "sip_call_id=x@h contract=shop number=+81 device=101" in begun
    assert ended.endswith("abcdef   device=101")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("101", "101"), ("0312345678", "******5678"), ("sip:0312345678@h", "sip:******5678@h")],
)
def test_short_numbers_stay_readable_under_the_mask(number: str, shown: str) -> None:
    assert mask(number) == shown


def test_a_warning_is_written_in_its_own_turn_with_all_that_waits(sink: Sink) -> None:
    logs, loop = sink.logs(), TurnLoop()
    logs.attach(cast("AbstractEventLoop", loop))
    logs.write(LINE)
    for _ in range(2):
        logs.write(Log("call_refused", Level.WARNING, {}))
        logs.logger.error("store_failing")
        assert loop.due == [0]
    loop.turn()
    assert (len(sink.text().splitlines()), loop.due) == (5, [])


def test_lines_that_come_close_together_are_written_together(sink: Sink) -> None:
    logs, loop = sink.logs(), TurnLoop()
    logs.attach(cast("AbstractEventLoop", loop))
    for _ in range(3):
        logs.write(LINE)
    assert (sink.text(), loop.due) == ("", [GATHER_SECONDS])
    loop.turn()
    assert len(sink.text().splitlines()) == 3


def test_closing_writes_what_waits_and_later_lines_at_once(sink: Sink) -> None:
    logs = sink.logs()
    logs.attach(cast("AbstractEventLoop", TurnLoop()))
    logs.write(LINE)
    logs.close()
    logs.write(LINE)
    assert len(sink.text().splitlines()) == 2


def test_a_stalled_reader_costs_lines_and_is_told_how_many() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    logs, loop = Logs(LogSettings(), lambda: AT, writer), TurnLoop()
    logs.attach(cast("AbstractEventLoop", loop))
    big = Log("big", Level.INFO, {"text": "x" * 100_000})
    for _ in range(MAX_BUFFERED_OCTETS // 100_000 + 10):
        logs.write(big)
    assert logs.dropped > 0
    loop.turn()
    logs.logger.error("store_failing")
    assert loop.due == [RETRY_SECONDS]
    read = b""
    try:
        for _ in range(200):
            loop.turn()
            while True:
                try:
                    read += os.read(reader, 1 << 20)
                except BlockingIOError:
                    break
    finally:
        os.close(reader)
        os.close(writer)
    lines = [json.loads(line) for line in read.splitlines()]
    assert lines[-1]["event"] == "log_lines_dropped"
    assert lines[-1]["count"] == logs.dropped
    assert len(lines) == logs.written - logs.dropped


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        Logs(LogSettings(), lambda: AT, writer).write(LINE)
    finally:
        os.close(writer)


def test_a_kept_line_is_read_back_as_the_console_writes_it() -> None:
    assert "call_answered              a1b2c3d4 caller=+81312345678" in read_back(LINE, AT)
