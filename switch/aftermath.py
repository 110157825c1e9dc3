"""What came of a call after its decision, in a line or two: who was called, and how it ended."""

from datetime import timedelta

from routing.wording import Language
from switch.effect import WriteCdr
from switch.view import CallStory

_WORDS = {
    Language.ENGLISH: {
        "nobody": "Nobody was called.",
        "called": "Called: {legs}.",
        "rang": "rang",
        "answered": "answered",
        "talked": "Answered after {wait}; ended by {by} after {talk}: {cause}.",
        "missed": "Not answered; ended by {by} after {wait} with {status}: {cause}.",
        "now": "It is still on: {state}.",
        "unwritten": "Its records are not written yet.",
        "caller": "the caller",
        "callee": "the callee",
        "switch": "the switch",
        "seconds": "{seconds:.1f} s",
        "leg": "{name} ({end})",
        "comma": ", ",
    },
    Language.JAPANESE: {
        "nobody": "誰も呼び出していません。",
        "called": "呼び出した相手: {legs}。",
        "rang": "鳴動",
        "answered": "応答",
        "talked": "{wait}後に応答し、{talk} の通話の後、{by}が終了しました: {cause}。",
        "missed": "応答なし。{wait}後、{by}により {status} で終了しました: {cause}。",
        "now": "通話は続いています: {state}。",
        "unwritten": "通話記録はまだ書かれていません。",
        "caller": "発信側",
        "callee": "着信側",
        "switch": "交換機",
        "seconds": "{seconds:.1f} 秒",
        "leg": "{name}({end})",
        "comma": "、",
    },
}


def afterwards(story: CallStory, language: Language) -> list[str]:
    """Tell what came of a call, in progress or over."""
    words = _WORDS[language]
    if story.call is not None:
        called = _said(_live_legs(story, language), language)
        return [called, words["now"].format(state=story.call.state)]
    records = {record.leg: record for record in story.cdrs}
    caller = records.pop("a", None)
    if caller is None:
        return [words["unwritten"]]
    legs = [(_name(each), _end(each, language)) for _, each in sorted(records.items())]
    return [_said(legs, language), _ended(caller, language)]


def _live_legs(story: CallStory, language: Language) -> list[tuple[str, str]]:
    """Read from the log whom a call in progress has tried: its records are not written yet."""
    words, found = _WORDS[language], dict[str, tuple[str, str]]()
    for line in story.lines:
        fields = line.fields
        leg, name = str(fields.get("leg")), str(fields.get("device") or fields.get("trunk"))
        match line.event:
            case "leg_invited":
                found[leg] = (name, "…")
            case "call_ringing" | "call_early_media":
                found[leg] = (name, words["rang"])
            case "call_answered":
                found[leg] = (name, words["answered"])
            case "leg_failed":
                found[leg] = (name, str(fields.get("status")))
            case _:
                pass
    return list(found.values())


def _said(legs: list[tuple[str, str]], language: Language) -> str:
    words = _WORDS[language]
    if not legs:
        return words["nobody"]
    told = (words["leg"].format(name=name, end=end) for name, end in legs)
    return words["called"].format(legs=words["comma"].join(told))


def _name(record: WriteCdr) -> str:
    return record.device or record.trunk or record.leg


def _end(record: WriteCdr, language: Language) -> str:
    if record.answered_at is not None:
        return _WORDS[language]["answered"]
    if record.ringing_at is not None:
        return _WORDS[language]["rang"]
    return str(record.status)


def _ended(record: WriteCdr, language: Language) -> str:
    words = _WORDS[language]
    by = words.get(record.released_by, record.released_by)
    heard = record.ended_at if record.answered_at is None else record.answered_at
    wait = words["seconds"].format(seconds=heard - record.started_at)
    if record.answered_at is None:
        return words["missed"].format(by=by, wait=wait, status=record.status, cause=record.cause)
    talk = timedelta(seconds=round(record.ended_at - record.answered_at))
    return words["talked"].format(wait=wait, talk=talk, by=by, cause=record.cause)
