"""The core's one face: what it does with messages, reports, commands and time."""

from random import Random

import pytest

from media.plane import Released
from routing.customer import plain_customers
from routing.directory import Directory
from switch.command import Drain
from switch.core import SwitchCore
from switch.effect import Log, TransportFailed
from switch.guard.admission import Admission, Limits
from switch.sip.effect import Transmit
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Field, Request, Response
from switch.sip.parser import parse
from switch.sip.token import SeededTokens
from tests.support.core_settings import HOSTS, core_settings
from tests.support.exchange import request
from tests.support.leg_bench import CONTACT, FAR, SDP
from tests.support.switch import TRUNKS, device, trunks

PHONE = Flow(Transport.UDP, Address(HOSTS[0], 5060), Address("192.0.2.11", 5060))
CARRIER = Flow(Transport.UDP, Address(HOSTS[0], 5060), TRUNKS["carrier-1"])
NUMBER = "sip:0312340001@198.51.100.1"


def make(*, with_trunks: bool = True) -> SwitchCore:
    """Make a core with one device."""
    directory = Directory.build(plain_customers([device("alice")]), trunks() if with_trunks else ())
    tokens = SeededTokens(Random(7))  # noqa: S311 - the same run every time
    core = SwitchCore(core_settings("example.test"), directory, tokens, 1_800_000_000.0)
    core.start(0.0)
    return core


def answers(core: SwitchCore, message: Request, flow: Flow = PHONE) -> list[Response]:
    """Let a request arrive, and return the responses."""
    read = parse(message.octets())
    found = []
    for output in core.receive(read, flow, 1.0):
        if isinstance(output, Transmit):
            answer = parse(output.octets)
            if isinstance(answer, Response):
                found.append(answer)
    return found


def status(core: SwitchCore, message: Request, flow: Flow = PHONE) -> int:
    """Let a request arrive, and return the status of the one response."""
    (answer,) = answers(core, message, flow)
    return answer.status


def test_options_outside_a_dialog_says_what_is_served() -> None:
    (answer,) = answers(make(), request("OPTIONS"))
    assert answer.status == 200
    assert "REGISTER" in (answer.first("allow") or "")


@pytest.mark.parametrize("method", ["BYE", "PRACK", "UPDATE", "INFO"])
def test_a_request_that_needs_a_dialog_gets_481_without_one(method: str) -> None:
    assert status(make(), request(method)) == 481
    assert status(make(), request(method, to="<sip:bob@x>;tag=gone")) == 481


def test_a_cancel_of_nothing_gets_481_and_an_ack_of_nothing_nothing() -> None:
    core = make()
    assert status(core, request("CANCEL")) == 481
    assert answers(core, request("ACK")) == []
    assert answers(core, request("ACK", to="<sip:bob@x>;tag=gone")) == []


@pytest.mark.parametrize(("method", "expected"), [("PUBLISH", 405), ("NONSENSE", 501)])
def test_a_method_that_is_not_served_is_refused_and_counted(method: str, expected: int) -> None:
    core = make()
    read = parse(request(method).octets())
    outputs = core.receive(read, PHONE, 1.0)
    assert [each.event for each in outputs if isinstance(each, Log)] == ["request_refused"]
    assert status(core, request(method, branch="z9hG4bK2")) == expected


def test_an_extension_that_is_not_known_is_refused_inside_a_dialog_too() -> None:
    core = make()
    assert status(core, request("OPTIONS", fields=[("Require", "magic")])) == 420
    invite = request(uri=NUMBER, fields=[CONTACT, SDP], body=FAR)
    (trying,) = [each for each in answers(core, invite, CARRIER) if each.status != 100]
    assert trying.status == 480


def test_a_request_inside_a_dialog_is_inspected() -> None:
    core = make()
    core.stack.keep_usage("near", Usage())
    inside = "<sip:bob@x>;tag=near"
    assert status(core, request("INFO", to=inside, fields=[("Require", "magic")])) == 420
    assert answers(core, request("ACK", to=inside, branch="z9hG4bK3")) == []


class Usage:
    """A dialog that takes everything."""

    device = ""
    flow = PHONE

    def receive_request(self, request: Request, flow: Flow) -> None:
        """Take a request."""


@pytest.mark.parametrize("to", ["<sip:bob@x>", "<sip:bob@x>;tag=near"])
def test_a_full_transaction_layer_is_told_as_503(to: str) -> None:
    core = make()
    core.stack.keep_usage("near", Usage())
    core.stack.layer._limit = 0
    assert status(core, request("INVITE", to=to, fields=[CONTACT])) == 503


def test_an_unknown_caller_is_challenged() -> None:
    (answer,) = answers(make(), request("INVITE", fields=[CONTACT]))
    assert answer.status == 407


def test_a_scanner_is_not_answered() -> None:
    scan = request("OPTIONS", fields=[("User-Agent", "friendly-scanner")])
    assert answers(make(), scan) == []
    assert answers(make(), request("CANCEL", fields=[("User-Agent", "friendly-scanner")])) == []


def test_one_source_that_floods_is_ignored_and_many_together_are_refused() -> None:
    core = make()
    alone = [len(answers(core, request("OPTIONS", branch=f"z9hG4bK{n}"))) for n in range(3000)]
    assert 0 < sum(alone) < 3000
    core._admission = Admission(Limits(total_burst=1))
    strangers = [Flow(Transport.UDP, PHONE.local, Address(f"10.0.{n}.1", 5060)) for n in range(2)]
    assert [status(core, request("BYE"), stranger) for stranger in strangers] == [481, 503]


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        ([], b"", 400),
        ([("Contact", "*")], b"", 400),
        ([CONTACT, SDP], b"nonsense", 400),
        ([CONTACT, SDP], FAR + b"m=audio 1 RTP/AVP 0\r\n" * 9, 488),
    ],
)
def test_an_invite_that_can_make_no_session_is_refused(
    fields: list[Field], body: bytes, expected: int
) -> None:
    invite = request(uri=NUMBER, fields=fields, body=body)
    assert status(make(), invite, CARRIER) == expected


def test_an_invite_that_came_by_two_ways_is_refused_the_second_time() -> None:
    core = make()
    core.receive(
        parse(request(uri=NUMBER, fields=[CONTACT], branch="z9hG4bKa").octets()), CARRIER, 1.0
    )
    copy = request(uri=NUMBER, fields=[CONTACT], branch="z9hG4bKb")
    assert status(core, copy, CARRIER) in {480, 482}


def test_a_response_to_nothing_and_a_report_of_nothing_vanish() -> None:
    core = make()
    stray = Response(200, "OK", request().fields, b"")
    assert core.receive(parse(stray.octets()), PHONE, 1.0) == []
    assert core.report(Released("gone/a", ()), 1.0) == []
    assert core.report(TransportFailed(PHONE, "refused"), 1.0) == []


def test_the_earliest_deadline_of_all_comes_first() -> None:
    core = make(with_trunks=False)
    assert core.next_deadline() is None
    core.stack.set_timer(Sleeper(), "nap", 5.0)
    assert core.next_deadline() == 5.0
    core.expire(6.0)
    assert core.next_deadline() is None


class Sleeper:
    """Has a timer and does nothing with it."""

    def expire(self, timer: str) -> None:
        """Sleep on."""


def test_a_core_that_drains_is_idle_when_its_trunks_are_left() -> None:
    core = make()
    core.command(Drain(), 1.0)
    assert core.is_idle
    assert core.calls() == []


def test_a_new_directory_takes_the_place_of_the_old_whole() -> None:
    core = make()
    core.replace_directory(Directory.build(plain_customers([device("bob")])), 1.0)
    assert core.directory.device("alice") is None
    assert core.trunks.trunk_for(CARRIER.remote.host) is None


def test_a_core_says_how_much_it_holds() -> None:
    assert repr(make()) == "<SwitchCore 0 calls, 0 bindings>"
