"""The way to an SMTP server (RFC 5321): connections, and what its answers mean for a mail.

A refusal of the recipient or the content is final. A refusal of ourselves (greeting, STARTTLS,
AUTH) blames no mail: it waits until the operator has mended the configuration.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from aiosmtplib import SMTP, SMTPException
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from outbox.fault import Deferred, OutboxFault, Rejected, Unavailable

CLOSING = 421
"""The server closes the connection (RFC 5321 section 3.8)."""
TOO_LARGE = 552
PERMANENT = 500


class Protection(Enum):
    """How a connection is protected."""

    STARTTLS = "starttls"
    """RFC 3207; without it nothing is sent."""
    TLS = "tls"
    """From the first octet (RFC 8314)."""
    NONE = "none"
    """For a server on this machine or in a laboratory."""


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A server, and who we are to it."""

    host: str
    port: int
    protection: Protection = Protection.STARTTLS
    username: str = ""
    password: str = ""
    return_path: str = ""
    local_name: str | None = None
    """What EHLO says; None: this machine's name."""
    verify: bool = True
    authorities: Path | None = None
    """The authorities to trust, PEM; None: the system's."""
    timeout: float = 30.0
    """Seconds for one answer."""

    def tls(self) -> ssl.SSLContext | None:
        """Make what judges the server's certificate; raises OSError for an unreadable file."""
        if self.protection is Protection.NONE:
            return None
        context = ssl.create_default_context(cafile=self.authorities)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class SmtpConnection:
    """One connection, for any number of mails."""

    def __init__(self, client: SMTP, return_path: str) -> None:
        self._client = client
        self._return_path = return_path

    @property
    def largest(self) -> int | None:
        """Tell how many octets the server takes (RFC 1870); None when it does not say."""
        limit = self._client.esmtp_extensions.get("size", "")
        return int(limit) if limit.isdecimal() and int(limit) else None

    async def send(self, recipient: str, octets: bytes) -> None:
        """Hand a mail over; return when the server has taken it. Raises an `OutboxFault`."""
        try:
            await self._client.sendmail(self._return_path, [recipient], octets)
        except SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0]) from error
        except (SMTPSenderRefused, SMTPDataError) as error:
            raise _judged(error) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise Deferred(_reason(error)) from error
        except ValueError as error:  # an address that cannot be written in ASCII
            raise Rejected(_reason(error)) from error

    @property
    def is_alive(self) -> bool:
        """Whether a further mail can go this way."""
        return self._client.is_connected


@asynccontextmanager
async def connected(settings: SmtpSettings) -> AsyncIterator[SmtpConnection]:
    """Connect and log in; raise `Unavailable` when that fails."""
    try:
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password or None,
            local_hostname=settings.local_name,
            timeout=settings.timeout,
            use_tls=settings.protection is Protection.TLS,
            start_tls=settings.protection is Protection.STARTTLS,
            tls_context=settings.tls(),
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            with suppress(SMTPHeloError):  # a server that only knows HELO has no extensions
                await client.ehlo()
    except (SMTPException, OSError, TimeoutError, ValueError) as error:
        raise Unavailable(_reason(error)) from error
    try:
        yield SmtpConnection(client, settings.return_path)
    finally:
        with suppress(SMTPException, OSError, TimeoutError):
            await client.quit()
        client.close()


def _judged(error: SMTPResponseException) -> OutboxFault:
    """Tell what a refusal means (RFC 5321 section 4.2.1)."""
    reason = _reason(error)
    if error.code == CLOSING:
        return Unavailable(reason)
    # A refused sender is a fault of the configuration: it can be mended while the mail waits.
    is_ours = isinstance(error, SMTPSenderRefused) and error.code != TOO_LARGE
    return Deferred(reason) if is_ours or error.code < PERMANENT else Rejected(reason)


def _reason(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        kind = "recipient " if isinstance(error, SMTPRecipientRefused) else ""
        return f"{kind}{error.code} {' '.join(str(error.message).split())}"
    # The library's own words often end where the system's begin.
    texts = [str(each) for each in (error, error.__cause__) if each is not None]
    return " ".join(" ".join(texts).split()) or type(error).__name__
