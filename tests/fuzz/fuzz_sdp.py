"""Fuzz session descriptions: nothing but the typed error, and both ways of rewriting agree.

Run with `python tests/fuzz/fuzz_sdp.py [atheris options]`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["switch"]):
    from media.plane import MediaAddress
    from switch.sdp.description import Origin, SdpError, parse
    from switch.sdp.rewrite import media_targets, rewrite, rewrite_text, streams_of

ORIGIN = Origin(1, 1, "198.51.100.1")
RELAY = [MediaAddress("198.51.100.1", 20000, 20002)]


def fuzz_one(body: bytes) -> None:
    """Read and rewrite one description in both ways."""
    try:
        description = parse(body)
    except SdpError:
        description = None
    try:
        text = rewrite_text(body, origin=ORIGIN, streams=RELAY)
        facts = media_targets(body)
    except SdpError:
        if description is not None:
            raise
        return
    assert description is not None
    assert rewrite(description, origin=ORIGIN, streams=RELAY).octets() == text
    assert streams_of(description) == facts
    parse(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()
