"""Keys of transactions (RFC 3261 sections 8.2.2.2, 17.1.3, 17.2.3)."""

from switch.sip.effect import ClientKey, LegacyKey, ServerKey
from switch.sip.transaction.key import (
    MergeKey,
    cancelled_key,
    client_key,
    merge_key,
    outside_dialog,
    server_key,
)
from tests.support.exchange import COOKIE, request, response

KEY = ServerKey(COOKIE + "1", "192.0.2.7:5060", "INVITE")


def test_an_invite_its_ack_and_its_cancel_share_branch_and_sent_by() -> None:
    assert server_key(request()) == KEY
    assert server_key(request("ACK")) == KEY
    assert cancelled_key(request("CANCEL")) == KEY
    assert server_key(request("CANCEL")) != KEY


def test_the_case_of_the_sent_by_does_not_matter() -> None:
    lower = server_key(request(via="SIP/2.0/UDP pc.example.jp"))
    assert server_key(request(via="SIP/2.0/UDP PC.Example.JP")) == lower


def test_a_branch_without_magic_cookie_is_no_key_by_itself() -> None:
    key = server_key(request(branch="7"))
    assert key.branch == "7"
    assert key.legacy == LegacyKey("sip:bob@example.jp", "call-1", "a", "", 1)
    assert server_key(request(branch=COOKIE)).legacy is not None


def test_an_rfc_2543_ack_may_belong_to_an_invite_without_to_tag() -> None:
    ack = server_key(request("ACK", branch="7", to="<sip:bob@example.jp>;tag=b"))
    assert outside_dialog(ack) == server_key(request(branch="7"))
    assert outside_dialog(server_key(request(branch="7"))) is None
    assert outside_dialog(KEY) is None


def test_a_response_finds_its_request_by_branch_and_method() -> None:
    asked = request("REGISTER")
    assert (
        client_key(response(200, asked)) == client_key(asked) == ClientKey(COOKIE + "1", "REGISTER")
    )


def test_only_a_request_outside_a_dialog_can_be_merged() -> None:
    assert merge_key(request()) == MergeKey("a", "call-1", 1, "INVITE")
    assert merge_key(request(to="<sip:bob@example.jp>;tag=b")) is None
