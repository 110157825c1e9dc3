"""Dialogs at either side: targets, routes, numbers (RFC 3261 section 12)."""

import pytest

from switch.sip.dialog.dialog import (
    MAX_ROUTES,
    Dialog,
    DialogId,
    State,
    is_complete,
    remote_target,
    routes,
)
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Field
from tests.support.exchange import request, response

CONTACT: Field = ("Contact", "Bob <sip:bob@192.0.2.7:5070>")
ROUTES: list[Field] = [
    ("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"),
    ("Record-Route", "<sip:p3;lr>"),
]


def answering() -> Dialog:
    """Make the dialog of one who was called."""
    return Dialog.answering(request(fields=[CONTACT, *ROUTES], cseq=7), "near", 100)


def originating(*fields: Field) -> Dialog:
    """Make the dialog of one who calls."""
    invite = request(cseq=7)
    return Dialog.originating(invite, response(180, invite, fields=[CONTACT, *fields]))


def test_the_called_side_takes_routes_in_order_and_names_itself_by_its_tag() -> None:
    dialog = answering()
    assert dialog.route_set == ("<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>")
    assert dialog.local == "<sip:bob@example.jp>;tag=near"
    assert dialog.id == DialogId("call-1", "near", "a")
    assert dialog.remote_target == "sip:bob@192.0.2.7:5070"
    assert dialog.state is State.EARLY


def test_the_calling_side_takes_routes_in_reverse() -> None:
    dialog = originating(*ROUTES)
    assert dialog.route_set == ("<sip:p3;lr>", "<sip:p2;lr>", "<sip:p1;lr>")
    assert dialog.id == DialogId("call-1", "a", "b")
    assert dialog.local_cseq == 7


def test_the_2xx_brings_the_routes_and_the_target_that_stay() -> None:
    dialog = originating(*ROUTES)
    for target in ("sip:one", "sip:two"):
        dialog.confirm(response(200, fields=[("Contact", f"<{target}>")]))
        assert (dialog.state, dialog.remote_target) == (State.CONFIRMED, target)
    assert dialog.route_set == ()


def test_a_2xx_whose_fields_cannot_be_read_confirms_all_the_same() -> None:
    dialog = originating()
    dialog.confirm(response(200, fields=[("Contact", "*"), ("Record-Route", "no address")]))
    assert (dialog.remote_target, dialog.route_set) == ("sip:bob@192.0.2.7:5070", ())


def test_a_target_refresh_moves_the_target() -> None:
    dialog = originating()
    dialog.refresh_target(request("UPDATE", fields=[("Contact", "<sip:new>")]))
    assert dialog.next_hop() == "sip:new"


def test_requests_that_come_must_rise_in_number() -> None:
    dialog = originating()
    numbers = [3, 3, 2, 4]
    assert [dialog.accept(request("INFO", cseq=each)) for each in numbers] == [
        True,
        False,
        False,
        True,
    ]


def test_a_request_inside_the_dialog_names_its_route_and_the_next_number() -> None:
    dialog = answering()
    bye = dialog.request("BYE", "SIP/2.0/UDP h;branch=z9hG4bK1", fields=[("Reason", "x")])
    assert bye.uri == "sip:bob@192.0.2.7:5070"
    assert bye.all("route") == ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    assert (bye.cseq.number, bye.first("reason"), bye.from_tag) == (101, "x", "near")
    assert dialog.next_hop() == "sip:p1;lr"
    assert dialog.request("ACK", "v", cseq=7).fields[-1] == ("CSeq", "7 ACK")


@pytest.mark.parametrize("route", ["<sip:x;LR>", "<sip:x;lr=on>"])
def test_a_loose_router_is_known_by_its_parameter(route: str) -> None:
    dialog = originating(("Record-Route", route))
    assert dialog.request("BYE", "via").all("route") == [route]


def test_a_router_whose_name_only_looks_loose_is_strict() -> None:
    dialog = originating(("Record-Route", "<sip:host;lrx>"))
    assert dialog.request("BYE", "via").uri == "sip:host;lrx"


def test_a_strict_router_gets_the_target_as_the_last_route() -> None:
    dialog = originating(("Record-Route", "<sip:far;lr>"), ("Record-Route", "<sip:strict>"))
    bye = dialog.request("BYE", "SIP/2.0/UDP h;branch=z9hG4bK1")
    assert bye.uri == "sip:strict"
    assert bye.all("route") == ["<sip:far;lr>", "<sip:bob@192.0.2.7:5070>"]


def test_a_path_of_too_many_proxies_is_a_loop() -> None:
    fields = [("Record-Route", "<sip:p;lr>")] * (MAX_ROUTES + 1)
    with pytest.raises(RemoteProtocolError):
        routes(request(fields=fields))


@pytest.mark.parametrize(
    ("fields", "complete"),
    [
        ([CONTACT, *ROUTES], True),
        ([], False),
        ([("Contact", "")], False),
        ([("Contact", "*")], False),
        ([CONTACT, ("Record-Route", "no address")], False),
    ],
)
def test_a_request_makes_a_dialog_when_it_says_where_it_comes_from(
    fields: list[Field], *, complete: bool
) -> None:
    assert is_complete(request(fields=fields)) is complete


def test_a_message_without_a_contact_leaves_the_target() -> None:
    assert remote_target(request(), "sip:before") == "sip:before"


def test_a_dialog_says_who_speaks_to_whom() -> None:
    assert repr(answering()) == "<Dialog call-1 near/a EARLY>"
