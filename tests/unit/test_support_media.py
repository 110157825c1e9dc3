"""The simulated media plane: its books, its reports, its complaints."""

from media.plane import (
    Allocate,
    Allocated,
    AllocationFailed,
    Connect,
    Direct,
    MediaAddress,
    MediaReport,
    OneWay,
    Release,
    Released,
)
from tests.support.media import SimulatedMediaPlane
from tests.support.network import SimulatedNetwork

ALICE = MediaAddress("192.0.2.1", 4000, 4001)
BOB = MediaAddress("192.0.2.2", 5000, 5001)


def plane(capacity: int = 10, jitter: float = 0.0) -> tuple[SimulatedMediaPlane, list[MediaReport]]:
    reports: list[MediaReport] = []
    network = SimulatedNetwork()
    media = SimulatedMediaPlane(network, reports.append, capacity=capacity, jitter=jitter)
    return media, reports


def run(media: SimulatedMediaPlane) -> None:
    media._network.run_until_idle()


def joined() -> tuple[SimulatedMediaPlane, list[MediaReport]]:
    media, reports = plane()
    for command in (
        Allocate("a", "call"),
        Allocate("b", "call"),
        Direct("a", 0, ALICE),
        Direct("b", 0, BOB),
        Connect("a", "b"),
    ):
        media.perform(command)
    run(media)
    return media, reports


def test_ports_are_even_and_never_given_twice() -> None:
    _, reports = joined()
    ports = [s.port for r in reports if isinstance(r, Allocated) for s in r.streams]
    assert len(set(ports)) == len(ports) == 2
    assert all(port % 2 == 0 for port in ports)


def test_sound_goes_from_one_endpoint_to_where_the_other_is_directed() -> None:
    media, _ = joined()
    local = media.endpoints["a"].local[0]
    assert media.destination(local.host, local.port) == ("192.0.2.2", 5000)
    assert media.destination("192.0.2.9", 1) is None


def test_no_sound_passes_where_it_is_not_received_not_sent_or_not_directed() -> None:
    media, _ = joined()
    local = media.endpoints["a"].local[0]
    for mute in (
        Direct("a", 0, ALICE, receive=False),
        Direct("b", 0, BOB, send=False),
        Direct("b", 0, None),
    ):
        media.perform(mute)
        assert media.destination(local.host, local.port) is None
        media.perform(Direct("a", 0, ALICE))
        media.perform(Direct("b", 0, BOB))


def test_connecting_anew_parts_the_former_pairs() -> None:
    media, _ = joined()
    media.perform(Allocate("c", "call"))
    media.perform(Connect("a", "c"))
    assert media.endpoints["b"].connected is None
    assert media.endpoints["a"].connected == "c"


def test_the_pool_is_bounded_and_refills() -> None:
    media, reports = plane(capacity=1)
    media.perform(Allocate("a", "call"))
    media.perform(Allocate("b", "call"))
    media.perform(Release("a"))
    media.perform(Allocate("c", "call", ipv6=True))
    run(media)
    assert [type(r) for r in reports] == [Allocated, AllocationFailed, Released, Allocated]
    assert (media.allocations, media.releases, media.refusals) == (2, 1, 1)
    assert media.streams_in_use == 1


def test_a_known_endpoint_gets_more_streams() -> None:
    media, reports = plane()
    media.perform(Allocate("a", "call"))
    media.perform(Allocate("a", "call"))
    run(media)
    assert [len(r.streams) for r in reports if isinstance(r, Allocated)] == [1, 2]
    assert (media.allocations, media.streams_in_use) == (1, 2)


def test_senseless_commands_are_noted() -> None:
    media, reports = plane(jitter=0.01)
    media.perform(Direct("x", 0, ALICE))
    media.perform(Connect("x", "y"))
    media.perform(Release("x"))
    run(media)
    assert len(media.faults) == 2
    assert reports == [Released("x", ())]


def test_a_one_way_stream_can_be_claimed() -> None:
    media, reports = joined()
    media.report_one_way("a", "nothing came")
    run(media)
    assert reports[-1] == OneWay("a", "call", 0, "nothing came")
