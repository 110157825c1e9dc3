"""Decisions for tests of routing: an office, its neighbour, and a check of every trace.

The office (`c1`) has two fixed phones, an app and a number that they share; next door (`c2`) has
one phone. Two carriers take everything.
"""

from dataclasses import replace

from routing.customer import Customer
from routing.decision import Attempt, Decision
from routing.device import Device, DeviceKind
from routing.directory import Directory
from routing.line import Line, LineKind, Ringer
from routing.route import route
from routing.standing import AssumedStanding
from routing.trace import INPUTS, OUTCOMES, Finding, Rule
from routing.trunk import Trunk

DESK = Device("desk", "c1", "201", "+81312340001", "Desk", DeviceKind.FIXED, {})
LOBBY = Device("lobby", "c1", "202", "+81312340002", "Lobby", DeviceKind.ATA, {})
APP = Device("app", "c1", "203", "+81312340003", "App", DeviceKind.APP, {})
CAROL = Device("carol", "c2", "201", "+81612340001", "Carol", DeviceKind.FIXED, {})
SHARED = "+81398765000"
MAIN = Line(
    SHARED,
    "c1",
    LineKind.REPRESENTATIVE,
    (Ringer("desk"), Ringer("lobby"), Ringer("app")),
    "Main",
)
OFFICE = Customer("c1", (DESK, LOBBY, APP), (MAIN,))
NEIGHBOUR = Customer("c2", (CAROL,))
ONE = Trunk("one", "192.0.2.1", priority=1)
TWO = Trunk("two", "192.0.2.2", priority=2)
NOW = 1.8e9
STRANGER = "+819011112222"


def directory(office: Customer = OFFICE, neighbour: Customer = NEIGHBOUR) -> Directory:
    """Make the directory of both contracts and both carriers."""
    return Directory.build([office, neighbour], [ONE, TWO])


def with_line(line: Line, *devices: Device) -> Directory:
    """Make the directory in which the office has this number in the main number's place."""
    return directory(replace(OFFICE, lines=(line,), devices=devices or OFFICE.devices))


def with_direct(**options: object) -> Directory:
    """Make the directory in which the desk's direct number has options."""
    line = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))
    return directory(replace(OFFICE, lines=(MAIN, replace(line, **options))))


def decide(
    attempt: Attempt, known: Directory | None = None, standing: AssumedStanding | None = None
) -> Decision:
    """Route an attempt, and hold the trace to what it may say."""
    decision = route(attempt, known or directory(), standing or AssumedStanding())
    for step in decision.trace:
        assert step.outcome in OUTCOMES[step.rule], step
        assert len(step.inputs) == len(INPUTS[step.rule])
        assert all(isinstance(value, str) for _, value in step.inputs), step
    return decision


def outside(called: str = SHARED, **fields: object) -> Attempt:
    """Make a carrier's call from a stranger."""
    return replace_fields(Attempt(ONE, called, NOW, presented=STRANGER), fields)


def inside(called: str, device: Device = DESK, **fields: object) -> Attempt:
    """Make a device's call."""
    return replace_fields(Attempt(device, called, NOW), fields)


def replace_fields(attempt: Attempt, fields: dict[str, object]) -> Attempt:
    """Return an attempt with other fields."""
    known = {name: getattr(attempt, name) for name in attempt.__struct_fields__}
    return Attempt(**(known | fields))


def found(decision: Decision, rule: Rule) -> Finding:
    """Return what a rule found; a rule that was not weighed has found nothing to return."""
    return next(step.outcome for step in decision.trace if step.rule is rule)


def told(decision: Decision, rule: Rule) -> dict[str, str]:
    """Return what a rule looked at."""
    return dict(next(step.inputs for step in decision.trace if step.rule is rule))


def rules(decision: Decision) -> list[Rule]:
    """Return the rules that were weighed, in order."""
    return [step.rule for step in decision.trace]
