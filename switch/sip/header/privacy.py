"""Privacy: what the caller wants withheld (RFC 3323 section 4.2, RFC 3325 section 9.3)."""

from switch.sip.grammar import LWS

WITHHOLDING = frozenset({"id", "user", "header"})
"""Values under which the caller's number is not shown."""


def parse_privacy(text: str) -> frozenset[str]:
    """Return the values in lower case; commas count as semicolons, as some phones write."""
    parts = text.replace(",", ";").lower().split(";")
    return frozenset(part.strip(LWS) for part in parts if part.strip(LWS))


def withholds_identity(text: str) -> bool:
    """Tell whether this Privacy value withholds the caller's number."""
    values = parse_privacy(text)
    return bool(values & WITHHOLDING) and "none" not in values
