"""Measure the values on the message path, one by one: digest and session descriptions."""

import timeit
from collections.abc import Callable

from media.plane import MediaAddress
from switch.guard.challenger import Challenger, Subject
from switch.guard.nonce import Nonces
from switch.sdp.description import Origin, parse
from switch.sdp.rewrite import media_targets, rewrite, rewrite_text
from switch.sip.digest import Algorithm, Password, answer, ha1, select_challenge

RUNS = 20_000


PHONE = (
    b"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\n"
    b"c=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8 9 101\r\n"
    b"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)


def microseconds(work: Callable[[], object]) -> float:
    """Return the best time of five rounds."""
    return min(timeit.repeat(work, number=RUNS, repeat=5)) / RUNS * 1e6


def digest() -> dict[str, Callable[[], object]]:
    """Challenge, parse and verify as a REGISTER costs them."""
    challenger = Challenger("example.com", Nonces(b"secret", lifetime=1e9))
    password = Password("pw")
    kept = {algorithm: ha1(algorithm, "alice", "example.com", "pw") for algorithm in Algorithm}
    subject = Subject("REGISTER", "sip:example.com")
    works: dict[str, Callable[[], object]] = {"challenge": lambda: challenger.challenge(0.0)}
    for line in challenger.challenge(0.0):
        challenge = select_challenge([line], "alice", password)
        assert challenge is not None  # noqa: S101 - our own challenge
        name = challenge.algorithm
        text = answer(
            challenge, "alice", password, method="REGISTER", uri="sip:example.com", cnonce="c0ffee"
        )
        credentials = challenger.select([text])
        assert credentials is not None  # noqa: S101 - our own credentials
        works[f"read credentials, {name}"] = lambda text=text: challenger.select([text])
        works[f"verify, {name}"] = lambda credentials=credentials: challenger.verify(
            credentials, subject, lambda _, algorithm: kept[algorithm], 1.0
        )
    return works


def descriptions() -> dict[str, Callable[[], object]]:
    """Read and rewrite a phone's offer, in the fast way and in the typed one."""
    origin = Origin(1, 1, "198.51.100.1")
    streams = [MediaAddress("198.51.100.1", 20000, 20001)]
    description = parse(PHONE)
    return {
        "rewrite_text": lambda: rewrite_text(PHONE, origin=origin, streams=streams),
        "media_targets": lambda: media_targets(PHONE),
        "parse": lambda: parse(PHONE),
        "rewrite": lambda: rewrite(description, origin=origin, streams=streams).octets(),
    }


if __name__ == "__main__":
    for label, work in (digest() | descriptions()).items():
        print(f"{label:40} {microseconds(work):7.2f} µs")
