"""What a REGISTER asks for, read on its own."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.registrar.contact import RegistrationError, read_wish
from switch.registrar.settings import RegistrarSettings
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Field, Request

SETTINGS = RegistrarSettings(default_expires=300)


def request(*contacts: str, expires: str | None = None) -> Request:
    fields: list[Field] = [("Contact", contact) for contact in contacts]
    if expires is not None:
        fields.append(("Expires", expires))
    return Request("REGISTER", "sip:example.net", fields)


def test_a_register_without_contact_is_a_query() -> None:
    assert read_wish(request(), SETTINGS).is_query


def test_a_wildcard_with_expires_0_removes_all() -> None:
    wish = read_wish(request("*", expires="0"), SETTINGS)
    assert wish.remove_all
    assert not wish.is_query


def test_a_contact_is_read_with_its_parameters() -> None:
    text = '"A" <sip:a@h;ob>;q=0.5;reg-id=2;+sip.instance="<urn:uuid:1>";expires=90'
    contact = read_wish(request(text), SETTINGS).bind
    assert contact is not None
    assert (contact.text, contact.expires, contact.quality) == ("sip:a@h;ob", 90, 0.5)
    assert (contact.instance, contact.reg_id) == ("urn:uuid:1", "2")


def test_contacts_to_keep_and_to_remove_are_told_apart() -> None:
    wish = read_wish(request("<sip:a@h>;expires=0, <sip:b@h>"), SETTINGS)
    assert wish.bind is not None
    assert wish.bind.text == "sip:b@h"
    assert [contact.text for contact in wish.remove] == ["sip:a@h"]


def test_the_first_of_equal_contacts_is_bound() -> None:
    wish = read_wish(request("<sip:a@h>", "<sip:b@h>"), SETTINGS)
    assert wish.bind is not None
    assert wish.bind.text == "sip:a@h"


@pytest.mark.parametrize("instance", ['""', '"<>"', '"<' + "u" * 129 + '>"'])
def test_an_instance_that_says_nothing_or_too_much_is_dropped(instance: str) -> None:
    contact = read_wish(request(f"<sip:a@h>;+sip.instance={instance}"), SETTINGS).bind
    assert contact is not None
    assert contact.instance is None


@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=12)))
def test_any_text_is_read_or_refused(contact: str, expires: str | None) -> None:
    with suppress(RegistrationError, RemoteProtocolError):
        read_wish(request(contact, expires=expires), SETTINGS)
