"""The mail of a message tells in Japanese who called, whom, when, how long, and where to listen."""

from dataclasses import replace
from pathlib import Path

import pytest

from voicemail.message import Message, MessageState, shown
from voicemail.notification import Link, Notification

MESSAGE = Message(
    id="m1",
    number="+815012340101",
    contract="shop",
    caller="+81312345678",
    started_at=1_798_725_600.0,
    seconds=75.4,
    state=MessageState.NEW,
    read_at=None,
    deleted_at=None,
    path=Path("/messages/m1.wav"),
)
LINK = Link("t0ken", MESSAGE.started_at + 7 * 86_400)


def notification(base: str = "https://pbx.jp/v", form: str | None = "mp3") -> Notification:
    return Notification(link_base=base, form=form)


def test_it_tells_everything_in_the_time_of_japan() -> None:
    [mail] = notification().mails(MESSAGE, ("a@b.jp",), LINK)
    assert mail.subject == "【留守番電話】0312345678 様からのメッセージ [1分15秒]"
    for words in (
        "発信者   : 0312345678",
        "着信番号 : 05012340101",
        "日時     : 2026年12月31日(木) 23:00",
        "長さ     : 1分15秒",
        "https://pbx.jp/v/t0ken",
        "2027年1月7日(木) 23:00 まで有効",
        "添付しています",
    ):
        assert words in mail.text
    [file] = mail.attachments
    assert (file.name, file.media_type) == ("voicemail-20261231-230000.mp3", "audio/mpeg")
    assert (file.path, file.form) == ("/messages/m1.wav", "mp3")


def test_each_address_gets_its_own_mail_once() -> None:
    mails = notification().mails(MESSAGE, ("a@b.jp", "c@d.jp", "a@b.jp"), LINK)
    assert [mail.recipient for mail in mails] == ["a@b.jp", "c@d.jp"]
    assert len({mail.key for mail in mails}) == 2


def test_without_a_link_or_sound_the_mail_speaks_of_none() -> None:
    [mail] = notification("", None).mails(MESSAGE, ("a@b.jp",), LINK)
    assert "リンク" not in mail.text
    assert "添付" not in mail.text
    assert mail.attachments == ()


def test_without_a_server_there_are_no_mails() -> None:
    silent = Notification(link_base="", form=None, is_on=False)
    assert silent.mails(MESSAGE, ("a@b.jp",), LINK) == []


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        (None, "非通知"),
        ("sip:x\r\nBcc: a@b.jp", "sip:x Bcc: a@b.jp"),
        ("+14155550123", "01014155550123"),
    ],
)
def test_any_caller_can_be_told(caller: str | None, words: str) -> None:
    [mail] = notification().mails(replace(MESSAGE, caller=caller, seconds=0.2), ("a@b.jp",), LINK)
    assert mail.subject == f"【留守番電話】{words} 様からのメッセージ [1秒]"
    assert "\r" not in mail.text


def test_numbers_are_shown_as_they_are_dialled() -> None:
    assert shown("+81312345678") == "0312345678"
    assert shown(None) == "非通知"
