"""The mail that tells of a new message: caller, number, time, length, link and sound (R54)."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from outbox.mail import Attachment, Mail, one_line
from voicemail.attachment import ending, media_type
from voicemail.message import Message, shown

TEMPLATES = Path(__file__).parent / "template"

JAPAN = timezone(timedelta(hours=9))
"""Asia/Tokyo, which has had no summer time since 1951."""

WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Link:
    """The secret with which a message is heard without a password, and until when."""

    token: str
    expires_at: float


class Notification:
    """Writes the mails of a new message."""

    def __init__(self, *, link_base: str, form: str | None, is_on: bool = True) -> None:
        # Plain text: nothing is to be escaped.
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            undefined=StrictUndefined,
            trim_blocks=True,
            autoescape=False,  # noqa: S701 - see above
        )
        self._template = environment.get_template("new_message.ja.j2")
        self._link_base = link_base.rstrip("/")
        self._form = form
        self._is_on = is_on

    def mails(self, message: Message, addresses: tuple[str, ...], link: Link) -> list[Mail]:
        """Write one mail for each address; none where no server sends mail."""
        if not self._is_on:
            return []
        values = {
            "caller": one_line(shown(message.caller), 64),
            "number": shown(message.number),
            "time": _moment(message.started_at),
            "duration": _duration(message.seconds),
            "attached": self._form is not None,
            "link": f"{self._link_base}/{link.token}" if self._link_base else "",
            "link_until": _moment(link.expires_at),
        }
        subject, body = (
            "".join(self._template.blocks[name](self._template.new_context(values)))
            for name in ("subject", "body")
        )
        return [
            Mail(
                key=f"voicemail:{message.id}:{address}",
                recipient=address,
                subject=one_line(subject),
                text=body,
                contract=message.contract,
                attachments=self._attachments(message),
            )
            for address in dict.fromkeys(addresses)
        ]

    def _attachments(self, message: Message) -> tuple[Attachment, ...]:
        if self._form is None:
            return ()
        at = datetime.fromtimestamp(message.started_at, JAPAN)
        name = f"voicemail-{at:%Y%m%d-%H%M%S}.{ending(self._form)}"
        return (Attachment(str(message.path), name, media_type(self._form), self._form),)


def _moment(unix: float) -> str:
    at = datetime.fromtimestamp(unix, JAPAN)
    return f"{at.year}年{at.month}月{at.day}日({WEEKDAYS[at.weekday()]}) {at:%H:%M}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    return f"{minutes}分{rest}秒" if minutes else f"{rest}秒"
