"""A real SMTP server on loopback that keeps what it is given and refuses what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Received:
    """One mail as the server has it."""

    sender: str
    recipient: str
    message: EmailMessage
    octets: bytes


@dataclass
class Mailroom:
    """What the server keeps, and how it answers."""

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    refuse_sender: str = ""
    refuse: dict[str, list[str]] = field(default_factory=dict)
    """Answers to RCPT by recipient, one after another; then it is taken."""
    refuse_content: list[str] = field(default_factory=list)
    hang_up: int = 0
    """How many mails end the connection before they are taken."""
    connections: int = 0
    logins: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """A mail is there."""

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer MAIL."""
        del server, session
        envelope.mail_options.extend(options)
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer RCPT."""
        del server, session, options
        if answers := self.refuse.get(address):
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail."""
        del session
        if self.hang_up:
            self.hang_up -= 1
            assert server.transport is not None
            server.transport.close()
            return "250 never read"
        if self.refuse_content:
            return self.refuse_content.pop(0)
        octets = envelope.content
        assert isinstance(octets, bytes)
        message = message_from_bytes(octets, policy=default)
        assert isinstance(message, EmailMessage)
        for recipient in envelope.rcpt_tos:
            self.mails.append(Received(envelope.mail_from or "", recipient, message, octets))
        self.arrived.set()
        return "250 OK"


@asynccontextmanager
async def smtp_server(
    *,
    port: int = 0,
    tls: SSLContext | None = None,
    implicit_tls: bool = False,
    password: str | None = None,
    size: int = 10_000_000,
) -> AsyncIterator[Mailroom]:
    """Serve until the block ends."""
    room = Mailroom()

    def check(
        _server: object, _session: object, _envelope: object, _way: str, login: object
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        room.logins.append(login.login.decode())
        is_right = login.password.decode() == password
        return AuthResult(success=is_right, handled=is_right)

    def protocol() -> SMTP:
        room.connections += 1
        return SMTP(
            room,
            hostname="mail.test",
            data_size_limit=size,
            tls_context=None if implicit_tls else tls,
            require_starttls=tls is not None and not implicit_tls,
            authenticator=check if password is not None else None,
            auth_required=password is not None and not implicit_tls,  # else it warns
            auth_require_tls=tls is not None and not implicit_tls,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol, "127.0.0.1", port, ssl=tls if implicit_tls else None
    )
    room.port = server.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        server.close()
