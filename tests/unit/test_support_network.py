"""The simulated network itself: time, links, filters, streams, and runs that replay."""

from dataclasses import dataclass, field

import pytest

from switch.sip.flow import Address, Flow, Transport
from tests.support.network import Link, SimulatedNetwork
from tests.support.passage import Fate

HERE = Address("192.0.2.1", 5060)
THERE = Address("192.0.2.2", 5060)


@dataclass
class Listener:
    """A host that remembers what it hears."""

    name: str
    network: SimulatedNetwork
    heard: list[tuple[float, bytes, Flow]] = field(default_factory=list)
    lost: list[Flow] = field(default_factory=list)

    def arrive(self, octets: bytes, flow: Flow) -> None:
        """Remember a message."""
        self.heard.append((round(self.network.now, 6), octets, flow))

    def lose_flow(self, flow: Flow, reason: str) -> None:
        """Remember a lost flow."""
        assert reason
        self.lost.append(flow)


def pair(seed: int = 1, link: Link | None = None) -> tuple[SimulatedNetwork, Listener, Listener]:
    network = SimulatedNetwork(seed, link)
    here, there = Listener("here", network), Listener("there", network)
    network.attach(here, HERE)
    network.attach(there, THERE)
    return network, here, there


def udp(local: Address = HERE, remote: Address = THERE) -> Flow:
    return Flow(Transport.UDP, local, remote)


def tcp(connection: int = 0) -> Flow:
    return Flow(Transport.TCP, HERE, THERE, connection)


def test_a_datagram_arrives_after_the_delay_with_the_flow_turned_round() -> None:
    network, _, there = pair()
    network.transmit("here", b"one", udp())
    network.run_until(1)
    assert there.heard == [(0.01, b"one", udp(THERE, HERE))]
    assert network.now == 1


def test_events_of_one_time_happen_in_the_order_of_their_setting() -> None:
    network, _, _ = pair()
    order: list[int] = []
    for number in range(3):
        network.at(1.0, lambda number=number: order.append(number))  # type: ignore[misc]
    network.run_until_idle()
    assert order == [0, 1, 2]


def test_a_cancelled_event_does_not_happen() -> None:
    network, _, _ = pair()
    happened: list[int] = []
    network.after(1.0, lambda: happened.append(1)).cancel()
    network.run_until(2)
    assert not happened


def test_idle_means_that_nothing_is_due_soon() -> None:
    network, _, _ = pair()
    network.after(10.0, lambda: None)
    network.after(1000.0, lambda: None)
    network.run_until_idle(quiet=35)
    assert network.now == 10


def test_running_until_idle_ends_at_its_limit() -> None:
    network, _, _ = pair()

    def again() -> None:
        network.after(1.0, again)

    again()
    network.run_until_idle(limit=5)
    assert network.now == 5


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    def trace(seed: int) -> bytes:
        network, _, _ = pair(seed, Link(jitter=0.05, loss=0.2, duplication=0.2))
        for number in range(100):
            network.transmit("here", b"%d" % number, udp())
        network.run_until_idle()
        return network.trace()

    assert trace(7) == trace(7)
    assert trace(7) != trace(8)


def test_a_link_loses_doubles_and_reorders_about_as_often_as_it_says() -> None:
    network, _, there = pair(3, Link(jitter=0.05, loss=0.2, duplication=0.1))
    for number in range(1000):
        network.at(
            number / 1000,
            lambda number=number: network.transmit("here", b"%04d" % number, udp()),  # type: ignore[misc]
        )
    network.run_until_idle()
    fates = [passage.fate for passage in network.passages]
    arrived = [octets for _, octets, _ in there.heard]
    assert 150 < fates.count(Fate.LOST) < 250
    assert 50 < fates.count(Fate.DUPLICATED) < 130
    assert len(arrived) == 1000 - fates.count(Fate.LOST) + fates.count(Fate.DUPLICATED)
    assert arrived != sorted(arrived)


def test_each_way_may_have_its_own_link() -> None:
    network, here, there = pair()
    network.set_link("here", "there", Link(delay=0.5), both_ways=False)
    network.transmit("here", b"slow", udp())
    network.transmit("there", b"fast", udp(THERE, HERE))
    network.run_until_idle()
    assert (here.heard[0][0], there.heard[0][0]) == (0.01, 0.5)


def test_all_links_may_change_in_the_middle() -> None:
    network, _, there = pair()
    network.set_links(Link(loss=1.0))
    network.transmit("here", b"lost", udp())
    network.set_links(Link())
    network.transmit("here", b"passes", udp())
    network.run_until_idle()
    assert [octets for _, octets, _ in there.heard] == [b"passes"]


def test_named_messages_can_be_lost() -> None:
    network, _, there = pair()
    network.lose("here", "there", "BYE", times=1, skip=1)
    for _ in range(3):
        network.transmit("here", b"BYE sip:x SIP/2.0\r\n\r\n", udp())
        network.transmit("here", b"ACK sip:x SIP/2.0\r\n\r\n", udp())
    network.run_until_idle()
    assert [passage.fate for passage in network.passages[::2]] == [
        Fate.DELIVERED,
        Fate.LOST,
        Fate.DELIVERED,
    ]
    assert len(there.heard) == 5


def test_a_datagram_to_nobody_is_lost() -> None:
    network, _, _ = pair()
    network.transmit("here", b"x", udp(HERE, Address("192.0.2.99", 5060)))
    network.run_until_idle()
    assert network.passages[0].fate is Fate.LOST
    assert network.passages[0].destination == "192.0.2.99:5060"


@pytest.mark.parametrize("flow", [udp(), tcp()])
def test_an_unplugged_host_hears_nothing_until_it_is_plugged_in(flow: Flow) -> None:
    network, _, there = pair()
    network.transmit("here", b"0", flow)
    network.run_until_idle()
    network.transmit("here", b"in flight", flow)
    network.unplug("there")
    network.transmit("here", b"lost", flow)
    network.run_until_idle()
    network.plug_in("there")
    network.transmit("here", b"1", flow)
    network.run_until_idle()
    assert [octets for _, octets, _ in there.heard] == [b"0", b"1"]


def test_a_stream_keeps_order_and_loses_nothing() -> None:
    network, _, there = pair(5, Link(jitter=1.0, loss=0.5, duplication=0.5))
    for number in range(50):
        network.transmit("here", b"%02d" % number, tcp())
    network.run_until_idle()
    assert [octets for _, octets, _ in there.heard] == [b"%02d" % number for number in range(50)]


def test_a_stream_is_used_again_and_answered_on_the_same_connection() -> None:
    network, here, there = pair()
    network.transmit("here", b"one", tcp())
    network.transmit("here", b"two", tcp())
    network.run_until_idle()
    assert network.connections() == (1,)
    flow = there.heard[0][2]
    assert (flow.connection, flow.remote.host, flow.local) == (1, HERE.host, THERE)
    network.transmit("there", b"back", flow)
    network.transmit("there", b"again", Flow(Transport.TCP, THERE, flow.remote))
    network.run_until_idle()
    assert [octets for _, octets, _ in here.heard] == [b"back", b"again"]
    assert network.connections() == (1,)


def test_a_stream_to_nobody_fails() -> None:
    network, here, _ = pair()
    flow = Flow(Transport.TCP, HERE, Address("192.0.2.99", 5060))
    network.transmit("here", b"x", flow)
    network.run_until_idle()
    assert here.lost == [flow]


def test_closing_a_connection_is_told_to_both_ends_and_ends_its_use() -> None:
    network, here, there = pair()
    network.transmit("here", b"one", tcp())
    network.run_until_idle()
    network.close(1)
    network.run_until_idle()
    assert [flow.connection for flow in here.lost + there.lost] == [1, 1]
    network.transmit("here", b"late", tcp(1))
    network.run_until_idle()
    assert len(here.lost) == 2
    assert len(there.heard) == 1


def test_watchers_see_every_passage_even_when_nothing_is_recorded() -> None:
    network = SimulatedNetwork(records=False)
    network.attach(Listener("here", network), HERE)
    seen: list[bytes] = []
    network.watch(lambda passage: seen.append(passage.octets))
    network.transmit("here", b"x", udp())
    assert (seen, network.passages) == ([b"x"], [])
