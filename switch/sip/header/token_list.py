"""Lists of tokens: Supported, Require, Unsupported, Allow (RFC 3261 section 7.3.1)."""

from collections.abc import Iterable

from switch.sip.errors import RemoteProtocolError
from switch.sip.grammar import is_token, split


def parse_tokens(lines: Iterable[str]) -> list[str]:
    """Return the tokens of these header lines in order; an empty line has none."""
    tokens = [token for line in lines if line for token in split(line, ",")]
    if not all(map(is_token, tokens)):
        raise RemoteProtocolError("a list of tokens is malformed")
    return tokens


def contains_token(lines: Iterable[str], token: str) -> bool:
    """Tell whether a line has the token, whatever its case; what is malformed has nothing."""
    wanted = token.lower()
    return any(
        wanted in lowered and wanted in [part.strip(" \t") for part in lowered.split(",")]
        for lowered in map(str.lower, lines)
    )


def format_tokens(tokens: Iterable[str]) -> str:
    """Write the tokens as one value."""
    return ", ".join(tokens)
