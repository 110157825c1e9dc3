"""How often one thing may be said."""

from switch.effect import Level, Log
from switch.log_limit import INTERVAL, MAX_EVENTS, MAX_LINES, LogLimit


class Paper:
    """A log with a clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[Log] = []
        self.limit = LogLimit(self.lines.append, lambda: self.now)

    def say(self, count: int, event: str = "request_refused", **fields: str) -> None:
        """Warn so many times."""
        for _ in range(count):
            self.limit.write(Log(event, Level.WARNING, dict(fields)))


def test_a_flood_of_one_warning_is_cut_and_counted_when_its_minute_is_over() -> None:
    paper = Paper()
    paper.say(MAX_LINES + 5)
    assert (len(paper.lines), paper.limit.suppressed) == (MAX_LINES, 5)
    paper.now = INTERVAL
    paper.say(1)
    told, again = paper.lines[-2:]
    assert (told.event, told.fields) == ("lines_suppressed", {"of": "request_refused", "count": 5})
    assert again.event == "request_refused"


def test_one_flood_hides_no_other_warning() -> None:
    paper = Paper()
    paper.say(MAX_LINES + 5)
    paper.say(1, "trunk_down")
    assert paper.lines[-1].event == "trunk_down"
    paper.limit.summarise()
    assert [line.fields.get("of") for line in paper.lines[-1:]] == ["request_refused"]


def test_lines_of_a_call_and_quiet_lines_are_never_cut() -> None:
    paper = Paper()
    paper.say(MAX_LINES + 5, "media_one_way", call_id="c")
    for _ in range(MAX_LINES + 5):
        paper.limit.write(Log("registered", Level.INFO, {}))
    assert len(paper.lines) == 2 * (MAX_LINES + 5)


def test_only_so_many_events_are_told_apart() -> None:
    paper = Paper()
    for number in range(MAX_EVENTS + 5):
        paper.say(1, f"event {number}")
    assert len(paper.lines) == MAX_EVENTS + 5
