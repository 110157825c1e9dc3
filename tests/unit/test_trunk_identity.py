"""Identities at the border: RFC 3325 towards carriers, nothing but a name towards devices."""

from dataclasses import replace

import pytest

from routing.number import Number, NumberFormat
from routing.route import Caller, Out
from routing.trunk import DidSource, Trunk
from switch.sip.message import Field, Request
from switch.trunk.identity import (
    CallerWish,
    call_to_trunk,
    called_user,
    caller_from_device,
    caller_from_trunk,
    caller_to_device,
)

TRUNK = Trunk("one", "192.0.2.1", domain="ims.example", number_format=NumberFormat.NATIONAL)
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'


def invite(from_: str = "<sip:0398765432@c.example>;tag=1", *fields: Field) -> Request:
    return Request(
        "INVITE",
        "sip:0312340001@192.0.2.10;user=phone",
        [("From", from_), ("To", "<sip:0312340002@c.example>"), *fields],
    )


def test_the_called_number_is_where_the_carrier_writes_it() -> None:
    assert called_user(invite(), TRUNK) == "0312340001"
    assert called_user(invite(), replace(TRUNK, did_in=DidSource.TO)) == "0312340002"


@pytest.mark.parametrize(
    ("from_", "fields", "expected"),
    [
        ("<sip:0398765432@c>", (), ("+81398765432", "", False)),
        ('"Yamada" <sip:0398765432@c>', (), ("+81398765432", "Yamada", False)),
        ("<sip:x@c>", (("P-Asserted-Identity", '"Y" <tel:+81398765432>, <sip:1@c>'),),
         ("+81398765432", "Y", False)),
        (ANONYMOUS, (("P-Asserted-Identity", "<sip:0398765432@c>"), ("Privacy", "id")),
         ("+81398765432", "", True)),
        ("<sip:0398765432@c>", (("Privacy", "none"),), ("+81398765432", "", False)),
        (ANONYMOUS, (), (None, "Anonymous", True)),
        ("<sip:unavailable@c>", (), (None, "", False)),
        ("<sip:caller@c>", (), ("caller", "", False)),
        ('"Y\udcff" <sip:0398765432@c>', (), ("+81398765432", "Y\ufffd", False)),
        (f"<sip:{'x' * 100}@c>", (), ("x" * 64, "", False)),
        ("<sip:0398765432@c>", (("P-Asserted-Identity", "<<<"),), ("+81398765432", "", False)),
        ("<http://c/>", (), (None, "", False)),
    ],
)  # fmt: skip
def test_who_calls_from_a_trunk_is_asserted_before_it_is_said(
    from_: str, fields: tuple[Field, ...], expected: tuple[str | None, str, bool]
) -> None:
    assert caller_from_trunk(invite(from_, *fields), TRUNK) == CallerWish(*expected)


def test_an_untrusted_trunk_asserts_nothing() -> None:
    request = invite("<sip:0398765432@c>", ("P-Asserted-Identity", "<sip:110@c>"))
    stranger = replace(TRUNK, trusted=False)
    assert caller_from_trunk(request, stranger).number == "+81398765432"


def test_a_carrier_that_writes_numbers_bare_is_understood() -> None:
    bare = replace(TRUNK, number_format=NumberFormat.E164_BARE)
    assert caller_from_trunk(invite("<sip:81398765432@c>"), bare).number == "+81398765432"
    assert caller_from_trunk(invite("<sip:0398765432@c>"), bare).number == "+81398765432"


@pytest.mark.parametrize(
    ("from_", "fields", "expected"),
    [
        ('"Boss" <sip:alice@h>', (), ("alice", "", False)),
        ("<sip:alice@h>", (("P-Preferred-Identity", "<sip:0312340001@h>"),),
         ("+81312340001", "", False)),
        ("<sip:alice@h>", (("Privacy", "id"),), ("alice", "", True)),
        (ANONYMOUS, (), (None, "", True)),
    ],
)  # fmt: skip
def test_a_device_says_what_it_wishes_to_present(
    from_: str, fields: tuple[Field, ...], expected: tuple[str | None, str, bool]
) -> None:
    assert caller_from_device(invite(from_, *fields)) == CallerWish(*expected)


def out(*, withheld: bool = False, number: str | None = "+81312340001") -> Out:
    return Out((TRUNK,), Number.parse("0398765432"), Caller(number, "Alice", withheld))


def test_a_trusted_carrier_gets_the_number_asserted_in_its_format() -> None:
    call = call_to_trunk(out(), TRUNK)
    assert call.uri == "sip:0398765432@ims.example;user=phone"
    assert call.callee == "<sip:0398765432@ims.example;user=phone>"
    assert call.caller == "<sip:0312340001@ims.example;user=phone>"
    assert call.fields == (("P-Asserted-Identity", call.caller),)


def test_a_withheld_number_stays_asserted_towards_a_trusted_carrier() -> None:
    call = call_to_trunk(out(withheld=True), replace(TRUNK, number_format=NumberFormat.E164))
    assert call.caller == ANONYMOUS
    assert call.fields == (
        ("Privacy", "id"),
        ("P-Asserted-Identity", "<sip:+81312340001@ims.example;user=phone>"),
    )


def test_a_carrier_outside_the_trust_domain_is_asked_and_learns_no_withheld_number() -> None:
    stranger = replace(TRUNK, trusted=False)
    shown = call_to_trunk(out(), stranger)
    assert shown.fields == (("P-Preferred-Identity", shown.caller),)
    hidden = call_to_trunk(out(withheld=True), stranger)
    assert hidden.fields == (("Privacy", "id"),)
    assert "0312340001" not in hidden.caller


def test_a_caller_that_is_no_number_crosses_as_it_is() -> None:
    assert call_to_trunk(out(number="caller"), TRUNK).caller == (
        "<sip:caller@ims.example;user=phone>"
    )


@pytest.mark.parametrize(
    ("number", "withheld", "shown"),
    [
        ("+81398765432", False, '"Yamada" <sip:0398765432@h>'),
        ("+12125551234", False, '"Yamada" <sip:01012125551234@h>'),
        ("101", False, '"Yamada" <sip:101@h>'),
        ("+junk", False, '"Yamada" <sip:+junk@h>'),
        ("+81398765432", True, ANONYMOUS),
        (None, False, ANONYMOUS),
    ],
)
def test_a_device_is_shown_the_national_number_or_nobody(
    number: str | None, shown: str, *, withheld: bool
) -> None:
    assert caller_to_device(Caller(number, "Yamada", withheld), "h") == shown
