"""Aiosip, a stack with faults: what it does right works, what it does wrong is harmless."""

from collections.abc import Iterator
from importlib.util import find_spec

import msgspec
import pytest

from tests.interop.conftest import check_quiet, tell
from tests.interop.support.conversation import story
from tests.interop.support.office import Office, number, trunk
from tests.interop.support.order import Settings
from tests.interop.support.sipp import free_port
from tests.interop.support.softphone import Softphone, SoftphoneError

CARRIER = "127.0.0.2"

pytestmark = pytest.mark.skipif(find_spec("aiosip") is None, reason="aiosip is not installed")


@pytest.fixture(scope="module")
def carrier_port() -> int:
    """Choose the carrier's port."""
    return free_port(CARRIER)


@pytest.fixture(scope="module")
def old_office(tmp_path_factory: pytest.TempPathFactory, carrier_port: int) -> Iterator[Office]:
    """Run a switch that challenges with MD5 alone: aiosip cannot read two challenges."""
    office = Office(
        tmp_path_factory.mktemp("old"),
        trunks=trunk("old", CARRIER, carrier_port),
        algorithms=("MD5",),
    )
    try:
        office.start()
        office.registered("baresip", "101")
        yield office
    finally:
        office.close()


@pytest.fixture
def office(old_office: Office) -> Iterator[Office]:
    """Lend it; nothing is left after the test."""
    begin = len(old_office.daemon.lines)
    phone = phone_101(old_office)
    phone.forget()
    with old_office.guests():
        yield old_office
    phone.abandon()
    tell(old_office.daemon, begin, 0)
    check_quiet(old_office.daemon, begin)


def phone_101(office: Office) -> Softphone:
    return office.phones[0]


def carrier(office: Office, user: str, port: int) -> Softphone:
    host, switch = office.daemon.addresses["udp"]
    return office.phone("aiosip", Settings(user, "", host, switch, local=CARRIER, local_port=port))


def test_it_registers_and_leaves(office: Office) -> None:
    settings = msgspec.structs.replace(office.settings("102"), local_port=free_port("127.0.0.1"))
    phone = office.phone("aiosip", settings).register()
    assert "102" in {binding.device for binding in office.daemon.bindings()}
    phone.unregister()
    assert "102" not in {binding.device for binding in office.daemon.bindings()}


def test_its_wrong_password_is_refused(office: Office) -> None:
    settings = office.settings("102", secret="wrong")  # noqa: S106
    port = free_port("127.0.0.1")
    phone = office.phone("aiosip", msgspec.structs.replace(settings, local_port=port))
    with pytest.raises(SoftphoneError, match="Too many unauthorized attempts"):
        phone.register()
    assert "102" not in {binding.device for binding in office.daemon.bindings()}


def test_it_calls_baresip_which_hangs_up(office: Office, carrier_port: int) -> None:
    begin = len(office.daemon.lines)
    caller, phone = carrier(office, "0399999999", carrier_port), phone_101(office)
    caller.call(number("101"))
    phone.wait("incoming")
    phone.answer()
    phone.wait("established")
    caller.wait("established")
    phone.hang_up()
    phone.wait("closed")
    caller.wait("closed")
    assert story(office.daemon, begin)[-1]["by"] == "callee"


def test_it_calls_baresip_and_hangs_up_itself(office: Office, carrier_port: int) -> None:
    begin = len(office.daemon.lines)
    caller, phone = carrier(office, "0399999999", carrier_port), phone_101(office)
    caller.call(number("101"))
    phone.wait("incoming")
    phone.answer()
    phone.wait("established")
    caller.wait("established")
    caller.hang_up()
    phone.wait("closed")
    assert story(office.daemon, begin)[-1]["by"] == "caller"


def test_its_own_ack_is_none_so_that_the_call_ends_after_64_t1(
    office: Office, carrier_port: int
) -> None:
    begin = len(office.daemon.lines)
    caller, phone = carrier(office, "bare", carrier_port), phone_101(office)
    caller.call(number("101"))
    phone.wait("incoming")
    phone.answer()
    phone.wait("established")
    phone.wait("closed")
    story(office.daemon, begin, "no_ack")
