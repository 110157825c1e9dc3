"""The pool of RTP ports."""

import pytest

from media.port_pool import PortPool


def test_ports_are_even_and_leave_the_odd_one_to_rtcp() -> None:
    pool = PortPool(10001, 10006)
    assert [pool.take(0), pool.take(0), pool.take(0)] == [10002, 10004, None]


def test_the_last_pair_of_a_range_that_ends_with_its_rtcp_port_is_used() -> None:
    assert PortPool(10000, 10003).size == 2


def test_ports_go_round_before_one_is_used_again() -> None:
    pool = PortPool(10000, 10005, quarantine=0)
    taken = []
    for now in range(6):
        port = pool.take(now)
        assert port is not None
        taken.append(port)
        pool.free(port, now)
    assert taken == [10000, 10002, 10004] * 2


@pytest.mark.parametrize(("now", "port"), [(1.9, None), (2.0, 10000)])
def test_a_freed_port_rests(now: float, port: int | None) -> None:
    pool = PortPool(10000, 10001, quarantine=2.0)
    assert pool.take(0) == 10000
    pool.free(10000, 0)
    assert pool.take(now) == port


def test_the_pool_tells_how_much_is_left() -> None:
    pool = PortPool(10000, 10005)
    pool.take(0)
    assert repr(pool) == "<PortPool 2 of 3 free>"
