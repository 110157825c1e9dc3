"""The route of a call: one pure function from an attempt and a directory to a decision.

Every rule that was weighed leaves a step in the decision's trace, so that a live call, the
operator's question why and a call that was never made are explained by the same words.
"""

from routing.case import Case
from routing.decision import Answer, Attempt, Decision
from routing.directory import Directory
from routing.forward import settled
from routing.inbound import from_trunk
from routing.outbound import from_device
from routing.standing import Standing
from routing.trunk import Trunk


def route(attempt: Attempt, directory: Directory, standing: Standing) -> Decision:
    """Decide what becomes of a call, as things stand at its moment."""
    case = Case(attempt, directory, standing)
    origin = attempt.origin
    if isinstance(origin, Trunk):
        answer: Answer = from_trunk(case, origin)
    else:
        answer = from_device(case, origin)
    outcome = settled(case, answer)
    return Decision(outcome, case.trace.steps())
