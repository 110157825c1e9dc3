"""Trunks: what a carrier's profile says where nothing is set."""

from dataclasses import replace

import pytest

from routing.number import NumberFormat
from routing.trunk import IdentityField, Trunk
from switch.sip.flow import Transport

TRUNK = Trunk("one", "192.0.2.1")


def test_a_trunk_is_named_by_its_next_hop_unless_it_has_a_domain() -> None:
    assert TRUNK.sip_domain == "192.0.2.1"
    assert replace(TRUNK, domain="ims.example").sip_domain == "ims.example"


def test_a_trunk_carries_any_number_or_those_it_lists() -> None:
    assert TRUNK.carries("+81312340001")
    listing = replace(TRUNK, numbers=frozenset({"+81312340001"}))
    assert listing.carries("+81312340001")
    assert not listing.carries("+81312340002")


def test_identities_are_asserted_to_the_trusted_and_asked_of_others() -> None:
    assert TRUNK.identity_field is IdentityField.ASSERTED
    assert replace(TRUNK, trusted=False).identity_field is IdentityField.PREFERRED
    assert replace(TRUNK, identity=IdentityField.FROM).identity_field is IdentityField.FROM


def test_called_numbers_are_written_as_callers_numbers_are() -> None:
    national = replace(TRUNK, number_format=NumberFormat.NATIONAL)
    assert national.called_number_format is NumberFormat.NATIONAL
    mixed = replace(national, called_format=NumberFormat.E164)
    assert mixed.called_number_format is NumberFormat.E164


@pytest.mark.parametrize(
    ("transports", "ports", "speaks"),
    [
        (set(), set(), True),
        ({Transport.TLS}, set(), True),
        ({Transport.UDP}, set(), False),
        (set(), {5061}, True),
        ({Transport.TLS}, {5060}, False),
    ],
)
def test_a_trunk_speaks_by_its_transports_and_ports_only(
    transports: set[Transport], ports: set[int], *, speaks: bool
) -> None:
    trunk = replace(TRUNK, transports=frozenset(transports), ports=frozenset(ports))
    assert trunk.speaks_by(Transport.TLS, 5061) is speaks
