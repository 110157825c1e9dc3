"""Endpoints show their state."""

from media.endpoint import Endpoint


def test_an_endpoint_tells_whom_it_is_connected_to() -> None:
    one, other = Endpoint("a", "call-7"), Endpoint("b", "call-7")
    assert repr(one) == "<Endpoint a of call-7, 0 streams, to nobody>"
    one.partner = other
    assert repr(one) == "<Endpoint a of call-7, 0 streams, to b>"
