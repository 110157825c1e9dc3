"""Letters are whole, the same each time, and take nothing from their words for a header field."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.letter import Enclosure, Envelope, LetterError, Words, letter, message_id

OURS = Envelope("voicemail@example.jp", "留守番電話")
FILE = Enclosure("音声.mp3", "audio/mpeg", bytes(range(256)))


def parsed(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_repeated_is_the_same_to_the_octet() -> None:
    words = Words("件名", "本文\n")
    one, two = (letter(OURS, "a@b.jp", words, key="k", at=0.0, enclosures=[FILE]) for _ in range(2))
    assert one == two
    assert b"\r\nMessage-ID: <" in one
    assert b"@example.jp>\r\n" in one


def test_bounces_go_to_the_sender_unless_told() -> None:
    assert OURS.return_path == "voicemail@example.jp"
    assert Envelope("a@b.jp", bounces="c@b.jp").return_path == "c@b.jp"


def test_keys_make_different_names() -> None:
    assert message_id("a", "b.jp") != message_id("b", "b.jp")
    assert message_id("a", "b.jp").endswith("@b.jp>")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_words_arrive_and_add_no_header_field(subject: str, text: str) -> None:
    try:
        octets = letter(OURS, "a@b.jp", Words(subject, text), key="k", at=0.0, enclosures=[FILE])
    except LetterError:
        # Half a character (a lone surrogate) cannot be written at all.
        assert any("\ud800" <= each <= "\udfff" for each in subject + text)
        return
    message = parsed(octets)
    assert message["To"] == "a@b.jp"
    assert message["Bcc"] is None
    [file] = message.iter_attachments()
    assert file.get_content() == FILE.octets
    assert max(map(len, octets.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("recipient", ["", "nobody", "a@b@c", "a b@c.jp", "a@b.jp\r\nBcc: x@y.jp"])
def test_a_recipient_that_is_no_address_is_refused(recipient: str) -> None:
    with pytest.raises(LetterError):
        letter(OURS, recipient, Words("s", "t"), key="k", at=0.0)
