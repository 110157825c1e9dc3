"""Identities at the border: RFC 3325 towards carriers, nothing but a name towards devices."""

from dataclasses import replace

import pytest

from routing.decision import Caller, Out
from routing.number import Number, NumberFormat
from routing.trunk import DidSource, IdentityField, Trunk, Withholding
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


@pytest.mark.parametrize(
    ("uri", "did_prefix", "form", "called"),
    [
        ("sip:312340001@h", "0", NumberFormat.NATIONAL, "0312340001"),
        ("sip:0312340001@h", "0", NumberFormat.NATIONAL, "0312340001"),
        ("sip:12340101@h", "050", NumberFormat.NATIONAL, "05012340101"),
        ("sip:05012340101@h", "050", NumberFormat.NATIONAL, "05012340101"),
        ("sip:+81312340001@h", "0", NumberFormat.E164, "+81312340001"),
        ("sip:81312340001@h", "", NumberFormat.E164_BARE, "+81312340001"),
        ("tel:+81-3-1234-0001", "", NumberFormat.E164, "+81-3-1234-0001"),
        ("tel:0312340001;phone-context=+81", "", NumberFormat.NATIONAL, "0312340001"),
        ("tel:12340001;phone-context=+813", "", NumberFormat.NATIONAL, "+81312340001"),
        ("sip:12340001;phone-context=+813@h;user=phone", "0", NumberFormat.NATIONAL,
         "+81312340001"),
        ("tel:12340001;phone-context=ims.example", "", NumberFormat.NATIONAL, "12340001"),
        ("sip:pilot@h", "0", NumberFormat.NATIONAL, "pilot"),
    ],
)  # fmt: skip
def test_a_called_number_is_made_whole_as_its_carrier_leaves_it(
    uri: str, did_prefix: str, form: NumberFormat, called: str
) -> None:
    request = Request("INVITE", uri, [("From", "<sip:1@c>"), ("To", "<sip:1@c>")])
    carrier = replace(TRUNK, did_prefix=did_prefix, number_format=form)
    assert called_user(request, carrier) == called


def test_a_called_party_is_read_from_its_own_field_or_else_from_the_request_uri() -> None:
    carrier = replace(TRUNK, did_in=DidSource.P_CALLED_PARTY_ID)
    party = ("P-Called-Party-ID", "<sip:0312340003@c.example>")
    assert called_user(invite("<sip:1@c>", party), carrier) == "0312340003"
    assert called_user(invite("<sip:1@c>"), carrier) == "0312340001"
    assert called_user(invite("<sip:1@c>", ("P-Called-Party-ID", "<<")), carrier) == "0312340001"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<sip:0398765432@c>;party=calling;privacy=off", ("+81398765432", "", False)),
        ('"Y" <sip:0398765432@c>', ("+81398765432", "Y", False)),
        ("<sip:0398765432@c>;privacy=full;screen=yes", ("+81398765432", "", True)),
        ("<sip:0398765432@c>;party=called", (None, "Anonymous", True)),
    ],
)
def test_a_remote_party_names_the_caller_where_nothing_is_asserted(
    value: str, expected: tuple[str | None, str, bool]
) -> None:
    request = invite(f"{ANONYMOUS};tag=1", ("Remote-Party-ID", value))
    assert caller_from_trunk(request, TRUNK) == CallerWish(*expected)
    stranger = replace(TRUNK, trusted=False)
    assert caller_from_trunk(request, stranger) == CallerWish(None, "Anonymous", True)


def test_an_asserted_identity_goes_before_a_remote_party() -> None:
    request = invite(
        "<sip:1@c>",
        ("Remote-Party-ID", "<sip:0398765432@c>"),
        ("P-Asserted-Identity", "<sip:0311112222@c>"),
    )
    assert caller_from_trunk(request, TRUNK).number == "+81311112222"


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


@pytest.mark.parametrize(
    ("identity", "shown", "hidden"),
    [
        (IdentityField.ASSERTED, [("P-Asserted-Identity", "{own}")],
         [("Privacy", "id"), ("P-Asserted-Identity", "{own}")]),
        (IdentityField.PREFERRED, [("P-Preferred-Identity", "{own}")],
         [("Privacy", "id"), ("P-Preferred-Identity", "{own}")]),
        (IdentityField.REMOTE_PARTY_ID,
         [("Remote-Party-ID", "{own};party=calling;privacy=off;screen=yes")],
         [("Privacy", "id"), ("Remote-Party-ID", "{own};party=calling;privacy=full;screen=yes")]),
        (IdentityField.FROM, [], [("Privacy", "id")]),
    ],
)  # fmt: skip
def test_a_caller_is_named_in_the_field_that_a_carrier_reads(
    identity: IdentityField, shown: list[Field], hidden: list[Field]
) -> None:
    own = "<sip:0312340001@ims.example;user=phone>"
    carrier = replace(TRUNK, identity=identity)
    for withheld, fields in ((False, shown), (True, hidden)):
        call = call_to_trunk(out(withheld=withheld), carrier)
        assert call.fields == tuple((name, value.format(own=own)) for name, value in fields)
        assert call.caller == (ANONYMOUS if withheld else own)


@pytest.mark.parametrize("identity", IdentityField)
@pytest.mark.parametrize("form", NumberFormat)
@pytest.mark.parametrize("withheld", [False, True])
@pytest.mark.parametrize("tel_uris", [False, True])
def test_what_is_written_to_a_carrier_reads_the_same_from_one_alike(
    identity: IdentityField, form: NumberFormat, *, withheld: bool, tel_uris: bool
) -> None:
    if tel_uris and form is NumberFormat.E164_BARE:
        return  # The configuration refuses it.
    carrier = replace(TRUNK, identity=identity, number_format=form, tel_uris=tel_uris)
    call = call_to_trunk(out(withheld=withheld), carrier)
    request = Request(
        "INVITE", call.uri, [("From", f"{call.caller};tag=1"), ("To", call.callee), *call.fields]
    )
    wish = caller_from_trunk(request, carrier)
    # A preferred identity is for the carrier's edge; between networks it counts for nothing.
    is_told = not withheld or identity in {IdentityField.ASSERTED, IdentityField.REMOTE_PARTY_ID}
    assert wish.number == ("+81312340001" if is_told else None)
    assert wish.withhold is withheld
    for source in (DidSource.REQUEST_URI, DidSource.TO):
        called = called_user(request, replace(carrier, did_in=source))
        assert Number.parse(called) == Number.parse("0398765432")


def test_a_carrier_may_want_called_numbers_in_another_format_than_callers() -> None:
    carrier = replace(TRUNK, number_format=NumberFormat.E164, called_format=NumberFormat.NATIONAL)
    call = call_to_trunk(out(), carrier)
    assert call.uri == "sip:0398765432@ims.example;user=phone"
    assert call.caller == "<sip:+81312340001@ims.example;user=phone>"


def test_a_carrier_that_hides_by_prefix_sees_the_number_and_184() -> None:
    carrier = replace(TRUNK, withholding=Withholding.PREFIX, number_format=NumberFormat.E164)
    call = call_to_trunk(out(withheld=True), carrier)
    assert call.uri == "sip:1840398765432@ims.example;user=phone"
    assert call.caller == "<sip:+81312340001@ims.example;user=phone>"
    assert call.fields == (("P-Asserted-Identity", call.caller),)
    assert call_to_trunk(out(), carrier).uri == "sip:+81398765432@ims.example;user=phone"


def test_a_carrier_may_want_no_user_parameter() -> None:
    assert call_to_trunk(out(), replace(TRUNK, user_phone=False)).uri == (
        "sip:0398765432@ims.example"
    )


def test_telephone_uris_are_global_or_say_where_they_are_local() -> None:
    carrier = replace(TRUNK, tel_uris=True, number_format=NumberFormat.E164)
    call = call_to_trunk(out(), carrier)
    assert (call.uri, call.caller) == ("tel:+81398765432", "<tel:+81312340001>")
    short = Out((TRUNK,), Number.parse("110"), Caller("+81312340001", "", withheld=False))
    assert call_to_trunk(short, carrier).callee == "<tel:110;phone-context=+81>"
    named = call_to_trunk(out(number="caller"), carrier)
    assert named.caller == "<sip:caller@ims.example;user=phone>"


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
