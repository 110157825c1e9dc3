"""A decision in words: one phrase for a log line, a document for a record, a story for a reader.

The document is what a call's record keeps; its story can be told in any language long after.
"""

from collections.abc import Iterator, Sequence

import msgspec

from routing.decision import Decision, Out, Outcome, RefusalCause, Refuse, Ring, Serve, Use
from routing.handling import VOICEMAIL
from routing.number import Number, NumberError
from routing.trace import Finding, Rule
from routing.wording import CONCLUSIONS, WORDINGS, Conclusion, Language

CONCLUSION = "decision"
"""The rule of a document's last steps, which tell what becomes of the call."""


_ONWARD = {
    "unanswered to": Conclusion.UNANSWERED,
    "busy to": Conclusion.WHEN_BUSY,
    "unreachable to": Conclusion.WHEN_UNREACHABLE,
}


class Told(msgspec.Struct, frozen=True):
    """One step of a decision as a document keeps it."""

    rule: str
    inputs: dict[str, str]
    outcome: str


def document(decision: Decision) -> list[Told]:
    """Return the trace as values for a record, and what becomes of the call last."""
    steps = [Told(step.rule, dict(step.inputs), step.outcome) for step in decision.trace]
    return steps + _conclusions(decision.outcome)


def story(steps: Sequence[Told], language: Language) -> list[str]:
    """Tell a document in sentences, one a step; a step of another version is told by its codes."""
    return [_sentence(step, language) for step in steps]


def lines(decision: Decision) -> list[str]:
    """Return one line a rule in the order weighed, and the outcome last."""
    width = max((len(step.rule) for step in decision.trace), default=0)
    told = [
        f"{step.rule:<{width}}  {_pairs(dict(step.inputs))} -> {step.outcome}"
        for step in decision.trace
    ]
    return [*told, f"=> {summary(decision.outcome)}"]


def summary(outcome: Outcome) -> str:
    """Say in one phrase what becomes of the call."""
    if isinstance(outcome, Ring):
        stages = (", ".join(device.username for device in stage) for stage in outcome.stages)
        after = "" if outcome.then is None else f", then {outcome.then.value}"
        onward = "".join(f", {words} {target}" for words, target in _onward(outcome))
        return f"ring {', then '.join(stages)} for {outcome.patience:g} s{after}{onward}"
    if isinstance(outcome, Serve):
        after = "" if outcome.then is None else f", or else {summary(outcome.then)}"
        return f"{outcome.service.value} answers for {outcome.line.number}{after}"
    if isinstance(outcome, Use):
        return f"use {outcome.feature.feature} {outcome.feature.argument}".rstrip()
    if isinstance(outcome, Out):
        names = ", then ".join(trunk.name for trunk in outcome.trunks)
        caller = outcome.caller
        shown = "withheld" if caller.withheld else f"presenting {caller.number}"
        urgency = "emergency " if outcome.emergency else ""
        return f"{urgency}call {outcome.number} by {names}, {shown}"
    return f"refuse with {outcome.status} {outcome.reason} ({outcome.cause.value})"


def _conclusions(outcome: Outcome) -> list[Told]:
    """Tell what becomes of a call, each thing that may follow as a step of its own."""
    match outcome:
        case Ring():
            stages = " → ".join(
                ", ".join(device.username for device in stage) for stage in outcome.stages
            )
            ring = _told(Conclusion.RING, devices=stages, seconds=f"{outcome.patience:g}")
            services = [] if outcome.then is None else [outcome.then.value]
            return [
                ring,
                *(_told(Conclusion.THEN, service=service) for service in services),
                *(_told(_ONWARD[when], target=target) for when, target in _onward(outcome)),
            ]
        case Serve():
            number, service = outcome.line.number, outcome.service.value
            then = [] if outcome.then is None else _conclusions(outcome.then)
            return [_told(Conclusion.SERVE, service=service, number=number), *then]
        case Out():
            code = Conclusion.EMERGENCY if outcome.emergency else Conclusion.OUT
            if outcome.caller.withheld:
                code = Conclusion.WITHHELD
            names = ", ".join(trunk.name for trunk in outcome.trunks)
            shown = outcome.caller.number or ""
            return [_told(code, number=outcome.number.text, trunks=names, presented=shown)]
        case Use(feature):
            return [_told(Conclusion.USE, feature=f"{feature.feature} {feature.argument}".rstrip())]
        case refusal:
            return [_refused(refusal)]


def _onward(ring: Ring) -> Iterator[tuple[str, str]]:
    """Yield where a call that rings may be sent on to, and when."""
    for when, forward in (
        ("unanswered to", ring.when_unanswered),
        ("busy to", ring.when_busy),
        ("unreachable to", ring.when_unreachable),
    ):
        if forward is not None:
            yield when, forward.target


def _refused(refusal: Refuse) -> Told:
    status, cause = str(refusal.status), refusal.cause.value
    return _told(Conclusion.REFUSE, status=status, reason=refusal.reason, cause=cause)


def _told(code: Conclusion, **inputs: str) -> Told:
    return Told(CONCLUSION, inputs, code.value)


def _sentence(step: Told, language: Language) -> str:
    try:
        template = _template(step, language)
        return template.format(**_shown(step, language))
    except (KeyError, ValueError):
        # Kept by another version, whose rules were others.
        return f"{step.rule}: {_pairs(step.inputs)} -> {step.outcome}"


def _template(step: Told, language: Language) -> str:
    if step.rule == CONCLUSION:
        return CONCLUSIONS[language][Conclusion(step.outcome)]
    return WORDINGS[language][Rule(step.rule), Finding(step.outcome)]


def _shown(step: Told, language: Language) -> dict[str, str]:
    shown = {name: _dialled(value) for name, value in step.inputs.items()}
    if "cause" in shown:
        shown["cause"] = language.cause(RefusalCause(shown["cause"]).value)
    if "service" in shown:
        shown["service"] = language.service(shown["service"])
    if shown.get("target") == VOICEMAIL:
        shown["target"] = language.service(VOICEMAIL)
    return shown


def _dialled(value: str) -> str:
    """Show a number as it is dialled in Japan, and anything else as it is."""
    if not value.startswith("+"):
        return value
    try:
        return Number.parse(value).national
    except NumberError:
        return value


def _pairs(inputs: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in inputs.items())
