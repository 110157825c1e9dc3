"""The tables of mail and voicemail refuse what could not work."""

import pytest
from pydantic import ValidationError

from config.mail import Mail, Voicemail

WORD = "secret"


def test_without_a_server_there_is_no_mail() -> None:
    assert Mail().server == ""


@pytest.mark.parametrize(("protection", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_the_protection(protection: str, port: int) -> None:
    table = {"server": "mail.example.jp", "sender": "a@example.jp", "protection": protection}
    assert Mail.model_validate(table).smtp_port == port
    assert Mail.model_validate(table | {"port": 2525}).smtp_port == 2525


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"server": "mail.example.jp"}, "needs a sender"),
        ({"server": "two words", "sender": "a@example.jp"}, "server"),
        (
            {
                "server": "mail.example.jp",
                "sender": "a@example.jp",
                "protection": "none",
                "username": "a",
                "password": WORD,
            },
            "in clear",
        ),
        ({"sender": "nobody"}, "sender"),
        ({"sender_name": "a\r\nBcc: b@c.jp"}, "sender_name"),
    ],
)
def test_what_cannot_work_is_refused(table: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Mail.model_validate(table)


def test_a_password_may_cross_this_machine_in_clear() -> None:
    table = {"server": "127.0.0.1", "sender": "a@b.jp", "protection": "none", "username": "a"}
    assert Mail.model_validate(table).username == "a"


def test_a_password_is_never_shown() -> None:
    table = {"server": "a.jp", "sender": "a@b.jp", "password": WORD}
    assert WORD not in repr(Mail.model_validate(table))


@pytest.mark.parametrize(
    "table", [{"attachment": "ra"}, {"link_base": "ftp://x"}, {"max_messages": 0}, {"days": 1}]
)
def test_odd_voicemail_settings_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Voicemail.model_validate(table)
