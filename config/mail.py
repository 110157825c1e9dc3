"""The `[mail]` and `[voicemail]` tables: how mail leaves, and how voice messages are kept."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from provisioning.field import MailAddress, Section

DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class Mail(Section):
    """The SMTP server that takes our mail, and who we are in it."""

    server: str = Field(default="", pattern=r"^[A-Za-z0-9.:_-]*$")
    """Empty: no mail is written."""
    port: int | None = Field(default=None, ge=1, le=65_535)
    protection: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = Field(default="", repr=False)
    verify: bool = True
    ca: Path | None = None
    helo: str = Field(default="", pattern=r"^[A-Za-z0-9.\[\]:-]*$")
    sender: MailAddress | None = None
    sender_name: str = Field(default="", max_length=100, pattern=r"^[^\r\n]*$")
    bounces: MailAddress | None = None
    timeout: float = Field(default=30.0, gt=0, le=600)
    max_megabytes: float = Field(default=10.0, gt=0, le=100)
    attempts: int = Field(default=90, ge=1, le=10_000)
    keep_days: float = Field(default=30.0, ge=0, le=3650)

    @model_validator(mode="after")
    def _is_whole(self) -> "Mail":
        if self.server and self.sender is None:
            raise ValueError("a server needs a sender, such as sender = voicemail@example.jp")
        if self.username and self.protection == "none" and self.server not in _LOCAL:
            raise ValueError("a password crosses the net in clear; use starttls or tls")
        return self

    @property
    def smtp_port(self) -> int:
        """The port: told, or the usual one of the protection."""
        return self.port or DEFAULT_PORTS[self.protection]


_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Voicemail(Section):
    """How long voice messages are kept and how many, and how mail tells of them."""

    retention_days: float = Field(default=30.0, gt=0, le=3650)
    undelete_hours: float = Field(default=24.0, ge=0, le=8760)
    max_messages: int = Field(default=100, ge=1, le=10_000)
    max_minutes: float = Field(default=100.0, gt=0, le=100_000)
    shortest_seconds: float = Field(default=1.0, ge=0, le=60)
    attachment: Literal["mp3", "opus", "wav", "none"] = "mp3"
    link_base: Annotated[str, Field(pattern=r"^(https?://[^\s]+)?$")] = ""
    link_days: float = Field(default=7.0, gt=0, le=3650)
