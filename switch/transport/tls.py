"""TLS contexts: what a listener shows, and what a trunk must show us (RFC 5922)."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from switch.transport.address import ListenerSettings


@dataclass(frozen=True, slots=True)
class TlsClientSettings:
    """How a next hop's certificate is judged when we connect to it."""

    ca: Path | None = None
    """The authorities to trust, in PEM; None means the system's."""
    certificate: Path | None = None
    """What we show when the next hop asks for a certificate."""
    key: Path | None = None
    verify: bool = True
    """False accepts any certificate under any name: for a laboratory only."""


class CertificateError(Exception):
    """A certificate, key or authority file cannot be used; the text names it and why."""


def server_context(settings: ListenerSettings) -> ssl.SSLContext:
    """Make a listener's context; raise `CertificateError` when its files are of no use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context, settings.certificate, settings.key, needed=True)
    if settings.ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, settings.ca)
    return context


def reload_server_context(context: ssl.SSLContext, settings: ListenerSettings) -> None:
    """Use what the listener's files hold now; on `CertificateError` the old stays in use."""
    # Tried on its own first: a chain loaded without its key would leave a half-changed one.
    server_context(settings)
    _load(context, settings.certificate, settings.key, needed=True)


def client_context(settings: TlsClientSettings) -> ssl.SSLContext:
    """Make the context of the connections that we open."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _trust(context, settings.ca)
    _load(context, settings.certificate, settings.key, needed=False)
    return context


def _load(
    context: ssl.SSLContext, certificate: Path | None, key: Path | None, *, needed: bool
) -> None:
    if certificate is None:
        if needed:
            raise CertificateError("a TLS listener needs a certificate")
        return
    for path in (certificate, key):
        _check_readable(path)
    try:
        # Without a password callback OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise CertificateError(f"{certificate}: no certificate with its key: {error}") from None


def _trust(context: ssl.SSLContext, ca: Path) -> None:
    _check_readable(ca)
    try:
        context.load_verify_locations(ca)
    except (ssl.SSLError, OSError) as error:
        raise CertificateError(f"{ca}: no certificate authority: {error}") from None


def _check_readable(path: Path | None) -> None:
    if path is None:
        return
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror}") from None
