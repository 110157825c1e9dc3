"""A decision in words: its trace as lines for a reader and as a document for a record."""

from routing.decision import Decision, Out, Outcome, Ring, Serve


def lines(decision: Decision) -> list[str]:
    """Return one line a rule in the order weighed, and the outcome last."""
    width = max((len(step.rule) for step in decision.trace), default=0)
    told = [
        f"{step.rule:<{width}}  {_pairs(step.inputs)} -> {step.outcome}" for step in decision.trace
    ]
    return [*told, f"=> {summary(decision.outcome)}"]


def document(decision: Decision) -> list[dict[str, str | dict[str, str]]]:
    """Return the trace as objects for JSON, and the outcome last."""
    steps: list[dict[str, str | dict[str, str]]] = [
        {"rule": step.rule, "inputs": dict(step.inputs), "outcome": step.outcome}
        for step in decision.trace
    ]
    return [*steps, {"rule": "decision", "inputs": {}, "outcome": summary(decision.outcome)}]


def summary(outcome: Outcome) -> str:
    """Say in one phrase what becomes of the call."""
    if isinstance(outcome, Ring):
        stages = (", ".join(device.username for device in stage) for stage in outcome.stages)
        after = "" if outcome.then is None else f", then {outcome.then.value}"
        return f"ring {', then '.join(stages)} for {outcome.patience:g} s{after}"
    if isinstance(outcome, Serve):
        after = "" if outcome.then is None else f", or else {summary(outcome.then)}"
        return f"{outcome.service.value} answers for {outcome.line.number}{after}"
    if isinstance(outcome, Out):
        names = ", then ".join(trunk.name for trunk in outcome.trunks)
        caller = outcome.caller
        shown = "withheld" if caller.withheld else f"presenting {caller.number}"
        urgency = "emergency " if outcome.emergency else ""
        return f"{urgency}call {outcome.number} by {names}, {shown}"
    return f"refuse with {outcome.status} {outcome.reason} ({outcome.cause.value})"


def _pairs(inputs: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"{name}={value}" for name, value in inputs)
