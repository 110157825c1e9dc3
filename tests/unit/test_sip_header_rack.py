"""RSeq and RAck values."""

import pytest

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.rack import RAck, parse_rseq


def test_a_rack_survives_being_written_and_read() -> None:
    rack = RAck(2**32 - 1, 2**31 - 1, "INVITE")
    assert RAck.parse(str(rack)) == rack
    assert RAck.parse(" 1  2\tINVITE ") == RAck(1, 2, "INVITE")


@pytest.mark.parametrize(
    "text", ["", "1 INVITE", "0 1 INVITE", "1 2 3 INVITE", "4294967296 1 X", "1 2147483648 X"]
)
def test_a_malformed_rack_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        RAck.parse(text)


def test_an_rseq_starts_at_one() -> None:
    assert parse_rseq(" 1 ") == 1
    for text in ("0", "", "4294967296", "x"):
        with pytest.raises(RemoteProtocolError):
            parse_rseq(text)
