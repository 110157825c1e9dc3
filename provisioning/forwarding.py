"""The rules of forwards: each leads somewhere, never to its own ID, and never in a circle.

What is seen here is seen inside one contract; a circle through other switches or conditions ends by
`routing.forward` when a call meets it.
"""

from collections.abc import Iterator, Mapping, Sequence

from provisioning.breach import Breach
from provisioning.draft import Draft
from routing.dial_plan import DEFAULT_SHORT_CODES
from routing.handling import VOICEMAIL, Condition


def forward_breaches(identities: Sequence[Draft]) -> Iterator[Breach]:
    """Check the forwards of a contract's IDs, beside each other."""
    reached = _reached(identities)
    onward: dict[int, int] = {}
    for position, identity in enumerate(identities):
        forward = identity.part("forward")
        if forward is None:
            continue
        for condition in Condition:
            target = forward.target(condition.value)
            if target is None:
                continue
            yield from _target(identity, forward, condition, target, reached.get(target), position)
            if condition is Condition.ALWAYS and reached.get(target, position) != position:
                onward[position] = reached[target]
    yield from _circles(identities, onward)


def _reached(identities: Sequence[Draft]) -> Mapping[str, int]:
    """Tell which ID, by its position, is reached under an extension or a direct number."""
    found: dict[str, int] = {}
    for position, identity in enumerate(identities):
        for name in (identity.text("extension"), identity.number("number")):
            if name is not None:
                found.setdefault(name, position)
    return found


def _target(
    identity: Draft,
    forward: Draft,
    condition: Condition,
    target: str,
    reached: int | None,
    own: int,
) -> Iterator[Breach]:
    """Check one forward by itself."""
    path = forward.at(condition.value)
    if reached == own:
        yield Breach(path, f"{target} is the ID itself", "forward to another extension or number")
    elif target == VOICEMAIL and not isinstance(identity.table.get("voicemail"), Mapping):
        right = "add voicemail = {} to the ID first (R54)"
        yield Breach(path, "the direct number has no voicemail", right)
    elif reached is None and target[:1] in "123456789" and target not in DEFAULT_SHORT_CODES:
        yield Breach(path, f"{target} is no extension of this contract", "name one, or a number")


def _circles(identities: Sequence[Draft], onward: Mapping[int, int]) -> Iterator[Breach]:
    """Find IDs that forward every call to each other in the end; each circle is told once."""
    walked: set[int] = set()
    for start in onward:
        here, path = start, dict[int, None]()
        while here in onward and here not in walked:
            walked.add(here)
            path[here] = None
            here = onward[here]
        if here in path:
            order = list(path)
            names = [
                identities[each].text("username") or "?" for each in order[order.index(here) :]
            ]
            wrong = f"every call goes round: {' to '.join([*names, names[0]])}"
            place = (*identities[here].path, "forward", Condition.ALWAYS.value)
            yield Breach(place, wrong, "end one of these forwards")
