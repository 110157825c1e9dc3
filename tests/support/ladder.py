"""Ladders: call flows as text, one column a host and one row a message, compared whole.

    alice               switch
      |--INVITE sdp------>|    0.000
      |<-100 INVITE-------|    0.010
      |--BYE-----------X  |    1.000

Rows stand in the order of sending; a lost message ends in X, a doubled one has two heads.
"""

from collections.abc import Callable, Iterable, Sequence
from difflib import unified_diff
from textwrap import dedent

from tests.support.passage import Fate, Passage, label

COLUMN_WIDTH = 20


def ladder(
    passages: Iterable[Passage],
    hosts: Sequence[str],
    *,
    since: float = 0.0,
    keep: Callable[[Passage], bool] = lambda _: True,
) -> str:
    """Draw the passages between these hosts, with times relative to `since`."""
    header = "".join(host.ljust(COLUMN_WIDTH) for host in hosts).rstrip()
    shown = [p for p in passages if {p.source, p.destination} <= set(hosts)]
    rows = [_row(p, hosts, since) for p in shown if p.sent_at >= since and keep(p)]
    return "\n".join([header, *rows]) + "\n"


def _row(passage: Passage, hosts: Sequence[str], since: float) -> str:
    start, end = hosts.index(passage.source), hosts.index(passage.destination)
    left, right = min(start, end), max(start, end)
    width = (right - left) * COLUMN_WIDTH - 1
    arrow = _arrow(label(passage.octets), passage.fate, width, rightwards=start < end)
    cells = "".join("|".ljust(COLUMN_WIDTH) for _ in hosts)[: (len(hosts) - 1) * COLUMN_WIDTH + 1]
    at = left * COLUMN_WIDTH + 1
    drawn = cells[:at] + arrow + cells[at + width :]
    return f"  {drawn}    {passage.sent_at - since:.3f}"


def _arrow(text: str, fate: Fate, width: int, *, rightwards: bool) -> str:
    head = {Fate.DELIVERED: ">", Fate.DUPLICATED: ">>", Fate.LOST: "X  "}[fate]
    if rightwards:
        return f"--{text}".ljust(width - len(head), "-") + head
    head = head[::-1].replace(">", "<")
    return f"{head}-{text}".ljust(width, "-")


def expect_ladder(actual: str, expected: str) -> None:
    """Compare a ladder with the expected one, written indented in a test; show how they differ."""
    wanted = dedent(expected).strip("\n").splitlines()
    had = dedent(actual).strip("\n").splitlines()
    wanted = [line.rstrip() for line in wanted]
    had = [line.rstrip() for line in had]
    if wanted != had:
        diff = "\n".join(unified_diff(wanted, had, "expected", "actual", lineterm="", n=100))
        raise AssertionError(f"the ladder is another one\n{diff}")
