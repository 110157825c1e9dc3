"""TCP, TLS and IPv6, alone and mixed with UDP over IPv4: the switch joins whatever phones speak."""

import pytest

from tests.interop.support.conversation import connect, end, hear_each_other
from tests.interop.support.office import Office
from tests.interop.support.softphone import Softphone


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@pytest.mark.parametrize("kind", ["baresip", "pjsua"])
def test_a_phone_on_a_stream_calls_a_phone_on_udp_and_is_called_back(
    office: Office, baresip: Softphone, pjsua: Softphone, kind: str, transport: str
) -> None:
    phone = office.registered(kind, "106", transport)
    (flow,) = [binding.flow for binding in office.daemon.bindings() if binding.device == "106"]
    assert flow.startswith(f"{transport}:")
    other = pjsua if kind == "baresip" else baresip
    connect(phone, other)
    hear_each_other(phone, other, seconds=0.3)
    end(other, phone)
    connect(other, phone)
    hear_each_other(other, phone, seconds=0.3)
    end(other, phone)


def test_a_baresip_on_tls_and_a_pjsua_on_tcp_hear_each_other(office: Office) -> None:
    first = office.registered("baresip", "106", "tls")
    second = office.registered("pjsua", "107", "tcp")
    connect(first, second)
    first.hold()
    assert second.hears_music()
    first.resume()
    hear_each_other(first, second)
    end(first, second)


def test_a_phone_on_ipv6_and_a_phone_on_ipv4_hear_each_other(
    office: Office, pjsua: Softphone
) -> None:
    phone = office.phone("baresip", office.settings("108", ipv6=True)).register()
    for caller, callee in ((phone, pjsua), (pjsua, phone)):
        connect(caller, callee)
        hear_each_other(caller, callee, seconds=0.3)
        end(caller, callee)


def test_two_phones_on_ipv6_hear_each_other_over_udp_and_tcp(office: Office) -> None:
    first = office.phone("baresip", office.settings("108", ipv6=True)).register()
    second = office.phone("baresip", office.settings("107", "tcp", ipv6=True)).register()
    connect(first, second)
    hear_each_other(first, second)
    end(second, first)


def test_a_phone_whose_connection_is_lost_registers_again_and_is_reached(
    office: Office, begin: int, pjsua: Softphone
) -> None:
    office.registered("baresip", "106", "tcp").vanish()
    office.daemon.wait_line("unreachable", after=begin, device="106")
    again = office.registered("baresip", "106", "tcp")
    connect(pjsua, again)
    hear_each_other(pjsua, again, seconds=0.3)
    end(pjsua, again)


def test_a_phone_that_vanishes_in_a_call_on_tcp_ends_it(
    office: Office, begin: int, pjsua: Softphone
) -> None:
    doomed = office.registered("baresip", "106", "tcp")
    connect(doomed, pjsua)
    doomed.vanish()
    office.daemon.wait_line("unreachable", after=begin, device="106")
    pjsua.hang_up()
    pjsua.wait("closed")
    office.daemon.wait_line("call_ended", after=begin)
