"""Torture messages against a running switch, over UDP and TCP, by the statuses on the wire."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import Daemon, Stranger, converse, running_daemon, statuses

CORPUS = Path(__file__).parents[2].parent / "shared/assets/sip-torture"
OWN = Path(__file__).parents[1] / "data/torture"
OUTCOMES: dict[str, dict[str, str | int]] = json.loads((OWN / "outcomes.json").read_text())

SILENCE = 0
CHALLENGES = {"REGISTER": 401, "INVITE": 407}

ORACLE: dict[str, int] = {
    **dict.fromkeys(("bcast", "bigcode", "noreason", "scalarlg", "unreason", "test"), SILENCE),
    **dict.fromkeys(
        (
            "badbranch", "lwsdisp", "rfc5118_4_10_2", "rfc5118_4_5_2", "semiuri", "transports",
            "zeromf",
        ),
        200,
    ),
    **dict.fromkeys(
        (
            "badaspec", "baddn", "baddn_crlf", "badinv01", "clerr", "escruri", "insuf", "ltgtruri",
            "lwsruri", "lwsstart", "mcl01", "mismatch01", "mismatch02", "multi01", "ncl",
            "quotbal", "regbadct", "rfc5118_4_10_1", "rfc5118_4_2", "scalar02", "trws", "unksm2",
        ),
        400,
    ),
    **dict.fromkeys(
        (
            "cparam01", "cparam02", "dblreq", "escnull", "regaut01", "regescrt", "rfc5118_4_1",
            "rfc5118_4_3", "rfc5118_4_4",
        ),
        401,
    ),
    **dict.fromkeys(
        (
            "baddate", "esc01", "inv2543", "longreq", "rfc5118_4_6", "rfc5118_4_8", "rfc5118_4_9",
        ),
        407,
    ),
    **dict.fromkeys(("wsinv", "rfc5118_4_5_1", "rfc5118_4_7"), 481),
    **dict.fromkeys(("esc02", "intmeth"), 501),
    "badvers": 505,
    "bext01": 420,
    "invut": 415,
    "mpart01": 405,
    "novelsc": 416,
    "sdp01": 406,
    "unkscm": 416,
}  # fmt: skip
"""By message: the status, or silence. Accepted requests go on to a challenge, or to 481 when they
have a To tag of a dialog that nobody knows."""

FIELDS = {
    "bext01": b"\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither\r\n",
    "invut": b"\r\nAccept: application/sdp\r\n",
    "mpart01": b"\r\nAllow: ",
    "insuf": b"\r\nCSeq: 193942 INVITE\r\n",
}
"""What has to be in the response."""

OVER_STREAMS = {
    "baddn": SILENCE,
    "clerr": SILENCE,
    "inv2543": 400,
    "length-huge": 513,
    "length-too-large": SILENCE,
    "no-blank-line": SILENCE,
    "rfc2543": 400,
}
"""What differs where a stream has to be cut into messages: one without Content-Length is refused,
one that says to be longer than it is has not arrived (RFC 3261 sections 18.3 and 20.14)."""

OWN_ACCEPTED = {
    "compact": 407,
    "escaped-nul": 401,
    "folded": 481,
    "invalid-utf8": 407,
    "leading-crlf": 407,
    "no-reason": SILENCE,
    "odd-method": 501,
    "plain-200": SILENCE,
    "plain-invite": 407,
    "plain-register": 401,
    "rfc2543": 415,
    "star-contact": 401,
    "tel-uri": 407,
    "unknown-scheme": 416,
    "utf8-reason": SILENCE,
}
"""What the switch says to those of our own messages that can be read; 200 to all others."""

UNANSWERABLE = {"no-via", "method-no-token"}
"""Broken requests of our own that do not even tell where a response goes."""


def corpus() -> list[Path]:
    return sorted(CORPUS.glob("rfc*/*.dat"))


def with_length(octets: bytes) -> bytes:
    """State the body's real length: transcribing RFC 5118 has changed it."""
    head, _, body = octets.partition(b"\r\n\r\n")
    stated = re.compile(rb"(?im)^(content-length|l)([ \t]*:[ \t]*)\d+")
    return stated.sub(rb"\g<1>\g<2>%d" % len(body), head) + b"\r\n\r\n" + body


def read(file: Path) -> bytes:
    octets = file.read_bytes()
    return with_length(octets) if file.parent.name == "rfc5118" else octets


def expected(file: Path) -> int:
    if file.parent != OWN:
        return ORACLE[file.stem]
    status = int(OUTCOMES[file.stem]["status"])
    if status == 200:
        return OWN_ACCEPTED.get(file.stem, 200)
    return SILENCE if file.stem in UNANSWERABLE else status


def source_for(file: Path, network: int) -> str:
    """Give each message a source of its own, so that no limit of sources is reached."""
    files = [*corpus(), *sorted(OWN.glob("*.sip"))]
    return f"127.{network}.0.{files.index(file) + 1}"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with running_daemon(tmp_path_factory.mktemp("torture")) as daemon:
        yield daemon
        daemon.expect_no_fault()


FILES = [
    *(pytest.param(file, id=file.stem) for file in corpus()),
    *(pytest.param(OWN / f"{name}.sip", id=f"own-{name}") for name in OUTCOMES),
]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the RFC 4475 and RFC 5118 corpora are not there")
def test_every_message_of_the_corpora_has_an_expectation() -> None:
    assert {file.stem for file in corpus()} == set(ORACLE)


@pytest.mark.parametrize("file", FILES)
def test_each_message_is_answered_over_udp_by_its_rule(daemon: Daemon, file: Path) -> None:
    with Stranger(daemon, source_for(file, 1)) as stranger:
        assert stranger.drain() == []
        answers = stranger.ask(read(file))
    status = expected(file)
    assert statuses(answers) == ([status] if status else [])
    assert not answers or FIELDS.get(file.stem, b"") in answers[0]
    daemon.expect_no_fault()


@pytest.mark.parametrize("file", FILES)
def test_each_message_is_answered_over_tcp_by_its_rule(daemon: Daemon, file: Path) -> None:
    source = source_for(file, 2)
    received = converse(daemon, read(file), source)
    answers = re.findall(rb"(?m)^SIP/2\.0 (\d{3})", received)
    status = OVER_STREAMS.get(file.stem, expected(file))
    # The octets behind the REGISTER of dblreq are a second message on a stream.
    behind = [407] if file.stem == "dblreq" else []
    assert [int(each) for each in answers] == ([status] if status else []) + behind
    with Stranger(daemon, source) as stranger:
        assert stranger.drain() == []
    daemon.expect_no_fault()
