"""What the command line prints of decisions: numbered stories, and two outcomes side by side."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from routing.difference import Difference
from routing.explain import CONCLUSION, Told
from routing.hours import TOKYO_OFFSET
from routing.number import Number, NumberError
from routing.wording import Conclusion, Language
from switch.view import CallReason, Explanation

TOKYO = timezone(timedelta(seconds=TOKYO_OFFSET), "Asia/Tokyo")

_HEADS = {
    Language.ENGLISH: {
        "call": "call from {caller} to {called}, {at} (Asia/Tokyo)",
        "by": "{caller} by {origin}",
        "assumed": "no switch runs here: everybody is taken to be registered and idle",
        "live": "as things stand in the switch that runs",
        "supposed": "supposed: {what}",
        "away": "{name} not registered",
        "busy": "{count} calls of {name}",
        "comma": ", ",
        "past": "call {call_id}",
        "none": "no decision was kept for this call",
        "mark": "decides",
    },
    Language.JAPANESE: {
        "call": "{caller} から {called} への発信、{at}(日本時間)",
        "by": "{caller}({origin} 経由)",
        "assumed": "交換機が動いていないため、全端末が登録済みで通話がないものとします",
        "live": "動作中の交換機の現在の状態によります",
        "supposed": "仮定: {what}",
        "away": "{name} は未登録",
        "busy": "{name} で {count} 通話中",
        "comma": "、",
        "past": "通話 {call_id}",
        "none": "この通話の判断は記録されていません",
        "mark": "決め手",
    },
}


def moment(unix: float) -> str:
    """Write Unix seconds by the clocks of Japan."""
    return datetime.fromtimestamp(unix, TOKYO).strftime("%Y-%m-%d %H:%M:%S")


def explanation(view: Explanation, console: Console, language: Language) -> None:
    """Print what would become of a call, step by step."""
    words, question = _HEADS[language], view.question
    caller = question.caller
    if caller != view.caller:
        caller = words["by"].format(caller=caller, origin=view.caller)
    at = moment(question.at or 0.0)
    _line(console, words["call"].format(caller=caller, called=question.called, at=at), "bold")
    _line(console, words["assumed" if view.assumed else "live"], "dim")
    supposed = [words["away"].format(name=name) for name in question.unregistered]
    supposed += [words["busy"].format(name=name, count=n) for name, n in question.busy.items()]
    if supposed:
        what = words["comma"].join(supposed)
        _line(console, words["supposed"].format(what=what), "dim")
    console.print()
    console.print(_story(view.steps, view.story, view.deciding, language))


def reason(view: CallReason, console: Console, language: Language) -> None:
    """Print why a call became what it became, and what then happened."""
    words = _HEADS[language]
    _line(console, words["past"].format(call_id=view.call_id), "bold")
    console.print()
    if view.steps:
        console.print(_story(view.steps, view.story, view.deciding, language))
    else:
        _line(console, words["none"], "")
    console.print()
    for line in view.afterwards:
        _line(console, line, "")


def differences(found: Iterable[Difference]) -> Table:
    """Lay out calls that end otherwise, both ends side by side."""
    table = Table("contract", "number or ID", "call", "before", "after", box=None)
    for each in found:
        cells = (each.contract, shown(each.subject), each.probe.value, each.before, each.after)
        table.add_row(*map(escape, cells))
    return table


def shown(subject: str) -> str:
    """Show a number as it is dialled in Japan, and an ID by its name."""
    try:
        return Number.parse(subject).national if subject.startswith("+") else subject
    except NumberError:
        return subject


def _story(
    steps: Sequence[Told], sentences: Sequence[str], decided: int | None, language: Language
) -> Table:
    refused = any((each.rule, each.outcome) == (CONCLUSION, Conclusion.REFUSE) for each in steps)
    colour = "bold red" if refused else "bold green"
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for position, (step, sentence) in enumerate(zip(steps, sentences, strict=True)):
        if step.rule == CONCLUSION:
            table.add_row("", Text("=>", colour), Text(sentence, colour))
        elif position == decided:
            mark = f"{sentence}  <- {_HEADS[language]['mark']}"
            table.add_row(Text(">", colour), str(position + 1), Text(mark, colour))
        else:
            table.add_row("", str(position + 1), Text(sentence))
    return table


def _line(console: Console, text: str, style: str) -> None:
    console.print(Text(text, style))
