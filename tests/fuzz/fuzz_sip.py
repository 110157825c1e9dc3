"""Fuzz the SIP parser, both scanners against each other, and the stream framing, by atheris.

Run `.venv/bin/python tests/fuzz/fuzz_sip.py -max_total_time=60`; any libFuzzer flag may follow.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["switch.sip"]):
    from switch.sip.errors import RemoteProtocolError
    from switch.sip.framing import Broken, StreamFraming
    from switch.sip.header import address_list
    from switch.sip.header.name_addr import NameAddr
    from switch.sip.message import Head
    from switch.sip.parser import parse, recover
    from switch.sip.scan import scan_accelerated, scan_reference
    from switch.sip.uri import SipUri

SEEDS = Path(__file__).parents[1] / "data" / "torture"


def facts(head: Head) -> tuple[object, ...]:
    """Return what a scanner says of a message."""
    routing = (head.branch, head.sent_by, head.call_id, head.from_tag, head.to_tag)
    start = (head.method, head.uri, head.status, head.reason, head.cseq_number, head.cseq_method)
    return routing, start, head.octets, head.body, head.fields(), head.all("contact")


def compare(octets: bytes) -> None:
    """Let both scanners read the octets; they must agree, on the refusal too."""
    answers: list[object] = []
    for scanner in (scan_reference, scan_accelerated):
        try:
            answers.append(facts(scanner(octets)))
        except RemoteProtocolError as error:
            answers.append((error.status, error.reason))
    if answers[0] != answers[1]:
        raise AssertionError(answers)


def read(octets: bytes) -> None:
    """Read a message as the switch does, and every value that it reads of it."""
    try:
        message = parse(octets)
    except RemoteProtocolError:
        request = recover(octets)
        if request is not None:
            request.stamp("192.0.2.1", 5060)
            _ = (request.response_vias(), request.to, request.from_, request.cseq, request.octets())
        return
    _ = (message.via, message.from_, message.to, message.cseq, message.octets())
    if len(message.fields) < 200 and len(octets) < 8000:
        message.fields.append(("X-New", "1"))
        parse(message.octets())
    try:
        for value in address_list.split(message.first("contact") or "*"):
            SipUri.parse(NameAddr.parse(value).uri)
    except RemoteProtocolError:
        return


def cut(octets: bytes) -> None:
    """Cut a stream at once and in pieces: the frames must be the same."""
    whole = StreamFraming().feed(octets)
    framing = StreamFraming()
    pieces = [frame for at in range(len(octets)) for frame in framing.feed(octets[at : at + 1])]
    if [f for f in whole if not isinstance(f, Broken)] != [
        f for f in pieces if not isinstance(f, Broken)
    ]:
        raise AssertionError((whole, pieces))


def fuzz(octets: bytes) -> None:
    """Try one input on everything."""
    compare(octets)
    read(octets)
    cut(octets[:2000])


def main() -> None:
    """Fuzz, starting from the torture messages unless the command line names a corpus."""
    arguments = sys.argv
    if all(argument.startswith("-") for argument in arguments[1:]):
        arguments = [*arguments, f"-seed_inputs={','.join(map(str, sorted(SEEDS.glob('*.sip'))))}"]
    atheris.Setup(arguments, fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
