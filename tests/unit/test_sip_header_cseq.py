"""CSeq values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.sip.errors import RemoteProtocolError
from switch.sip.header.cseq import MAX_SEQUENCE, CSeq


@given(st.integers(0, MAX_SEQUENCE), st.sampled_from(["INVITE", "-.!%*_+`'~"]))
def test_cseq_survives_being_written_and_read(number: int, method: str) -> None:
    assert CSeq.parse(str(CSeq(number, method))) == CSeq(number, method)


def test_white_space_and_leading_zeros_pass() -> None:
    assert CSeq.parse(" 0009 \t INVITE ") == CSeq(9, "INVITE")


@pytest.mark.parametrize(
    "text", ["", "1", "INVITE", "-1 INVITE", "2147483648 BYE", "1INVITE", "1 A B", "\u0661 BYE"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        CSeq.parse(text)
