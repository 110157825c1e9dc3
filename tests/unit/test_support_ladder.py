"""The ladder printer: columns, labels, lost and doubled messages, readable differences."""

import pytest

from tests.support.ladder import expect_ladder, ladder
from tests.support.passage import Fate, Passage, label

INVITE = b"INVITE sip:b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n"
OK = b"SIP/2.0 200 OK\r\nCSeq: 1 BYE\r\n\r\n"


def passage(at: float, source: str, destination: str, octets: bytes, fate: Fate) -> Passage:
    return Passage(at, source, destination, octets, fate)


PASSAGES = [
    passage(0.0, "alice", "switch", INVITE, Fate.DELIVERED),
    passage(0.01, "switch", "alice", OK, Fate.LOST),
    passage(0.02, "alice", "bob", OK, Fate.DUPLICATED),
    passage(0.03, "bob", "alice", OK, Fate.DUPLICATED),
    passage(0.04, "bob", "switch", OK, Fate.DELIVERED),
    passage(0.05, "bob", "nobody", OK, Fate.LOST),
]


def test_a_ladder_shows_who_sent_what_to_whom_and_what_became_of_it() -> None:
    expect_ladder(
        ladder(PASSAGES, ["alice", "switch", "bob"]),
        """
        alice               switch              bob
          |--INVITE sdp------>|                   |    0.000
          |  X-200 BYE--------|                   |    0.010
          |--200 BYE---------------------------->>|    0.020
          |<<-200 BYE-----------------------------|    0.030
          |                   |<-200 BYE----------|    0.040
        """,
    )


def test_a_ladder_may_begin_later_and_leave_rows_out() -> None:
    drawn = ladder(PASSAGES, ["alice", "bob"], since=0.02, keep=lambda p: p.fate is Fate.DUPLICATED)
    assert [line[-5:] for line in drawn.splitlines()[1:]] == ["0.000", "0.010"]


def test_another_ladder_is_shown_as_a_difference() -> None:
    with pytest.raises(AssertionError, match=r"(?s)another one.*-\s+\|--BYE.*\+\s+\|--INVITE"):
        expect_ladder(
            ladder(PASSAGES[:1], ["alice", "switch"]),
            """
            alice               switch
              |--BYE------------->|    0.000
            """,
        )


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (INVITE, "INVITE sdp"),
        (OK, "200 BYE"),
        (b"SIP/2.0 100 Trying\r\n\r\n", "100 ?"),
        (b"ACK sip:x SIP/2.0\r\n\r\n", "ACK"),
        (b"nonsense", "nonsense"),
    ],
)
def test_a_label_names_method_or_status(octets: bytes, name: str) -> None:
    assert label(octets) == name
