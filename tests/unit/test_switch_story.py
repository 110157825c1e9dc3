"""What is remembered of each call."""

from switch.effect import Level, Log
from switch.story import MAX_CALLS, MAX_LINES, Story


def line(call_id: str | None, event: str = "x") -> Log:
    return Log(event, Level.INFO, {"call_id": call_id})


def test_a_call_is_told_in_order_and_by_a_short_name() -> None:
    times = iter([1.0, 2.0, 3.0])
    story = Story(lambda: next(times))
    story.keep(line("abcdef", "one"))
    story.keep(line("zzz"))
    story.keep(line("abcdef", "two"))
    assert [(at, kept.event) for at, kept in story.lines("abc")] == [(1.0, "one"), (3.0, "two")]
    assert story.find("abc") == "abcdef"


def test_a_line_without_a_call_and_an_unknown_call_are_nothing() -> None:
    story = Story(lambda: 0.0)
    story.keep(line(None))
    assert (len(story), story.lines("x"), story.lines("")) == (0, [], [])


def test_old_calls_and_old_lines_make_room() -> None:
    story = Story(lambda: 0.0)
    for number in range(MAX_CALLS + 1):
        story.keep(line(f"call {number}"))
    for _ in range(MAX_LINES + 1):
        story.keep(line("call 5"))
    assert (len(story), story.find("call 0")) == (MAX_CALLS, None)
    assert len(story.lines("call 5")) == MAX_LINES
