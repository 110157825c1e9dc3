"""G.711: each law's table against the recommendation's values, and no code without its value."""

import numpy as np
import pytest

from media.codec.g711 import ALAW, ULAW, Law
from media.codec.samples import silence


@pytest.mark.parametrize("law", [ULAW, ALAW])
def test_each_code_of_g711_expands_and_compresses_to_itself(law: Law) -> None:
    codes = bytes(range(256))
    again = law.encode(law.decode(codes))
    # µ-law has two zeros, which are one value.
    assert [a for a, b in zip(codes, again, strict=True) if a != b] in ([], [0x7F])


def test_known_codes_of_g711() -> None:
    assert ULAW.decode(b"\xff\x00\x80\x7f").tolist() == [0, -32124, 32124, 0]
    assert ALAW.decode(b"\xd5\x55\x2a\xaa").tolist() == [8, -8, -32256, 32256]
    assert ULAW.encode(silence(3)) == b"\xff\xff\xff"
    assert ALAW.encode(silence(3)) == b"\xd5\xd5\xd5"


@pytest.mark.parametrize("law", [ULAW, ALAW])
def test_the_nearest_code_is_taken_for_every_value(law: Law) -> None:
    every = np.arange(-32768, 32768).astype(np.int16)
    values = np.sort(law.decode(bytes(range(256))).astype(np.int32))
    error = np.abs(law.decode(law.encode(every)).astype(np.int32) - every)
    best = np.min(np.abs(every.astype(np.int32)[:, None] - values[None, :]), axis=1)
    assert np.array_equal(error, best)


@pytest.mark.parametrize("law", [ULAW, ALAW])
def test_louder_sound_never_has_a_smaller_value(law: Law) -> None:
    rising = law.decode(law.encode(np.arange(-32768, 32768).astype(np.int16)))
    assert (np.diff(rising.astype(np.int32)) >= 0).all()


@pytest.mark.parametrize("law", [ULAW, ALAW])
def test_lost_samples_are_left_to_who_knows_the_last_sound(law: Law) -> None:
    assert law.conceal(160) is None
