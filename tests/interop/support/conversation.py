"""What the tests say of calls: set up, heard, ended, and told by the switch."""

from tests.interop.support.daemon import Daemon, Line
from tests.interop.support.softphone import Softphone

LOW = 440.0
HIGH = 620.0
"""Two tones that no codec and no dial plan mistakes for each other."""


def connect(caller: Softphone, callee: Softphone, dialled: str = "") -> None:
    """Place a call and have it answered; each plays its tone."""
    caller.play(LOW)
    callee.play(HIGH)
    caller.call(dialled or callee.user)
    callee.wait("incoming")
    caller.wait("ringing")
    callee.answer()
    caller.wait("established")
    callee.wait("established")


def hear_each_other(caller: Softphone, callee: Softphone, seconds: float = 0.6) -> None:
    """Check by content that each hears the other's tone."""
    at_caller, at_callee = caller.listen(seconds), callee.listen(seconds)
    heard = at_callee()
    assert heard.is_tone(LOW), f"{callee!r} heard {heard}"
    heard = at_caller()
    assert heard.is_tone(HIGH), f"{caller!r} heard {heard}"


def end(leaver: Softphone, other: Softphone) -> None:
    """Hang up, and wait until both phones know."""
    leaver.hang_up()
    leaver.wait("closed")
    other.wait("closed")


def story(daemon: Daemon, begin: int, cause: str = "normal") -> list[Line]:
    """Wait for the end of the one call since the first `begin` lines; return its lines."""
    ended = daemon.wait_line("call_ended", after=begin)
    assert ended["cause"] == cause, ended
    return [line for line in daemon.lines[begin:] if line.get("call_id") == ended["call_id"]]
