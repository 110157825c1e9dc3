"""A decision in words: its trace as lines for a reader and as a document for a record."""

from routing.route import Decision, Out, Outcome, Refuse, Ring


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
    match outcome:
        case Ring(devices, patience, _):
            names = ", ".join(device.username for device in devices)
            return f"ring {names} for {patience:g} s"
        case Out(trunks, number, caller, emergency):
            names = ", then ".join(trunk.name for trunk in trunks)
            shown = "withheld" if caller.withheld else f"presenting {caller.number}"
            return f"{'emergency ' if emergency else ''}call {number} by {names}, {shown}"
        case Refuse(status, reason, cause):
            return f"refuse with {status} {reason} ({cause.value})"


def _pairs(inputs: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"{name}={value}" for name, value in inputs)
