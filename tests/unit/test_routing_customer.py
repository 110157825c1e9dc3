"""Customers: numbers, extensions and channels of a contract."""

from routing.customer import Customer, plain_customers
from routing.line import Line, LineKind, Ringer
from tests.support.routed import APP, CAROL, DESK, LOBBY, MAIN, OFFICE


def test_a_contract_has_as_many_channels_as_ids() -> None:
    assert OFFICE.channels == 3


def test_direct_numbers_that_nobody_told_are_there_all_the_same() -> None:
    told = Line(APP.number, "c1", LineKind.DIRECT, (Ringer("app"),), voicemail_delay=20)
    customer = Customer("c1", (DESK, APP), (MAIN, told))
    plain = Line(DESK.number, "c1", LineKind.DIRECT, (Ringer("desk"),))
    assert customer.all_lines() == (MAIN, told, plain)


def test_an_extension_is_found_inside_its_contract() -> None:
    assert OFFICE.by_extension("202") is LOBBY
    assert OFFICE.by_extension("299") is None


def test_devices_alone_make_a_customer_of_each_contract() -> None:
    assert plain_customers([CAROL, DESK, APP]) == (
        Customer("c1", (DESK, APP)),
        Customer("c2", (CAROL,)),
    )
