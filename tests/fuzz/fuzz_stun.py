"""Fuzz STUN on the SIP port: nothing but the typed error, and every answer is a STUN message.

Run with `python tests/fuzz/fuzz_stun.py [atheris options]`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["switch.transport"]):
    from switch.sip.flow import Address
    from switch.transport import stun


def fuzz_one(octets: bytes) -> None:
    """Read one datagram, as it came and behind a binding request's header, and answer it."""
    head = stun.HEADER.pack(
        stun.BINDING_REQUEST, len(octets) & 0xFFFF, stun.MAGIC_COOKIE, bytes(12)
    )
    for candidate in (octets, head + octets):
        try:
            request = stun.parse(candidate)
        except stun.StunError:
            continue
        answer = stun.answer(request, Address("192.0.2.1", 5060))
        assert stun.is_stun(answer)
        assert len(answer) % 4 == 0


if __name__ == "__main__":
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()
