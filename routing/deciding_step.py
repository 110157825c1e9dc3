"""The deciding step: which of a decision's steps made the call what it becomes.

It is found in a document's codes, so that a record that was kept long ago shows it too.
"""

from collections.abc import Mapping, Sequence

from routing.explain import CONCLUSION, Told
from routing.trace import Finding, Rule
from routing.wording import Conclusion

Code = tuple[str, str]
"""A rule and its finding, as a document writes them."""

_OUT: frozenset[Code] = frozenset({(Rule.TRUNKS, Finding.CHOSEN), (Rule.EMERGENCY, Finding.YES)})

_DECIDING: Mapping[str, frozenset[Code]] = {
    Conclusion.RING: frozenset(
        {(Rule.EXTENSION, Finding.RINGS)}
        | {
            (Rule.RING_PLAN, each)
            for each in (
                Finding.DIRECT,
                Finding.FIXED_FIRST,
                Finding.FIXED_ALONE,
                Finding.APPS_INSTEAD,
                Finding.APPS_ALONE,
            )
        }
    ),
    Conclusion.SERVE: frozenset(
        {
            (Rule.FAX, Finding.ONLY),
            (Rule.FAX, Finding.SHARED),
            (Rule.HOURS, Finding.CLOSED),
            (Rule.WHEN_FULL, Finding.ANNOUNCED),
            (Rule.VOICEMAIL, Finding.AT_ONCE),
        }
    ),
    Conclusion.OUT: _OUT,
    Conclusion.WITHHELD: _OUT,
    Conclusion.EMERGENCY: _OUT,
    Conclusion.USE: frozenset({(Rule.FEATURE, Finding.YES)}),
}
"""What decides for each end; the first of them in the trace did, after the last forward."""

_AFTERWARDS: frozenset[Code] = frozenset(
    {(Rule.WHEN_FULL, Finding.BUSY), (Rule.VOICEMAIL, Finding.NOT_CONTRACTED)}
)
"""What is told after the step that refused a call, and did not change it."""


def deciding(steps: Sequence[Told]) -> int | None:
    """Return the position of the step that decided; None when no step is left to tell."""
    ends = [each.outcome for each in steps if each.rule == CONCLUSION]
    weighed = [(each.rule, each.outcome) for each in steps if each.rule != CONCLUSION]
    wanted = _DECIDING.get(ends[0], frozenset()) if ends else frozenset()
    sent_on = [position for position, (rule, _) in enumerate(weighed) if rule == Rule.FORWARD]
    begin = sent_on[-1] if sent_on and ends[:1] != [Conclusion.SERVE] else 0
    for position, code in enumerate(weighed):
        if position >= begin and code in wanted:
            return position
    left = [position for position, code in enumerate(weighed) if code not in _AFTERWARDS]
    return left[-1] if left else None
