"""Measure the values on the message path, one by one: digest and session descriptions."""

import timeit
from collections.abc import Callable

from switch.guard.challenger import Challenger, Subject
from switch.guard.nonce import Nonces
from switch.sip.digest import Algorithm, Password, answer, ha1, select_challenge

RUNS = 20_000


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


if __name__ == "__main__":
    for label, work in digest().items():
        print(f"{label:40} {microseconds(work):7.2f} µs")
