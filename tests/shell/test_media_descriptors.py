"""The claim for file descriptors."""

import resource
from collections.abc import Iterator

import pytest

from media.descriptors import SPARE, claim_descriptors


@pytest.fixture
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_is_raised_to_what_is_needed(limits: tuple[int, int]) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, limits[1]))
    assert claim_descriptors(400) == 400 + SPARE
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (400 + SPARE, limits[1])


def test_the_soft_limit_is_never_lowered(limits: tuple[int, int]) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, limits[1]))
    assert claim_descriptors(4) == 2048


def test_the_hard_limit_bounds_the_claim(limits: tuple[int, int]) -> None:
    if limits[1] == resource.RLIM_INFINITY:
        pytest.skip("there is no hard limit")
    assert claim_descriptors(1 << 40) == limits[1]
