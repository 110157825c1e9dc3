"""Authentication of devices: who sent a request, or how to ask (RFC 3261 sections 10.3 and 22).

Nothing is kept of a request that is challenged. An unknown user and a wrong password are answered
alike: the same status, the same fields, the same work.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import msgspec

from switch.guard.challenger import Challenger, Stale, Subject, Verified
from switch.sip.digest import Algorithm
from switch.sip.errors import RemoteProtocolError
from switch.sip.message import Field, Request
from switch.value import Value


class DeviceCredentials(Protocol):
    """As much of a device as authentication needs; `routing.directory.Device` has it."""

    @property
    def username(self) -> str:
        """The user name of its credentials."""

    @property
    def ha1(self) -> Mapping[str, str]:
        """H(username:realm:password) by the name of the algorithm."""


Device = TypeVar("Device", bound=DeviceCredentials)


class Authenticated(msgspec.Struct, Generic[Device], frozen=True):
    """The request is this device's."""

    device: Device


class Challenged(Value, frozen=True):
    """Answer with this status and these fields."""

    status: int
    reason: str
    fields: tuple[Field, ...]
    username: str | None = None
    """The user name that was claimed; None when none was."""
    failure: str | None = None
    """What was wrong, for the log: None when no credentials came, or stale ones.

    Only a failure counts against the source (`switch.guard.admission`).
    """


class Refused(Value, frozen=True):
    """Answer with this status: the credentials cannot be read, or do not allow the request."""

    status: int
    reason: str
    username: str | None = None
    failure: str = ""
    """What was wrong, for the log; it counts against the source."""


class Authenticator(Generic[Device]):
    """Asks devices who they are."""

    def __init__(self, challenger: Challenger, find_device: Callable[[str], Device | None]) -> None:
        self._challenger = challenger
        self._find_device = find_device

    def authenticate(
        self, request: Request, now: float
    ) -> Authenticated[Device] | Challenged | Refused:
        """Tell whose request this is.

        A REGISTER is challenged as by a user agent server, with 401; calls and the rest as by a
        proxy, with 407, which is what phones expect of the server that carries their calls.
        """
        is_register = request.method == "REGISTER"
        name = "authorization" if is_register else "proxy-authorization"
        try:
            credentials = self._challenger.select(request.all(name))
        except RemoteProtocolError as error:
            return Refused(400, "Bad Credentials", failure=error.reason)
        if credentials is None:
            return self._challenge(now, is_register=is_register)
        device = self._find_device(credentials.username)
        subject = Subject(request.method, request.uri, request.body)

        def lookup(_: str, algorithm: Algorithm) -> str | None:
            return None if device is None else device.ha1.get(algorithm)

        verdict = self._challenger.verify(credentials, subject, lookup, now)
        if device is None or not isinstance(verdict, Verified):
            is_stale = isinstance(verdict, Stale)
            return self._challenge(
                now,
                is_register=is_register,
                username=verdict.username,
                failure=None if isinstance(verdict, Verified | Stale) else verdict.reason,
                stale=is_stale,
            )
        if is_register and not _is_first_party(request):
            return Refused(403, "Forbidden", device.username, "registers for somebody else")
        return Authenticated(device)

    def _challenge(
        self,
        now: float,
        *,
        is_register: bool,
        username: str | None = None,
        failure: str | None = None,
        stale: bool = False,
    ) -> Challenged:
        name = "WWW-Authenticate" if is_register else "Proxy-Authenticate"
        status, reason = (
            (401, "Unauthorized") if is_register else (407, "Proxy Authentication Required")
        )
        values = self._challenger.challenge(now, stale=stale)
        return Challenged(
            status, reason, tuple((name, value) for value in values), username, failure
        )


def _is_first_party(request: Request) -> bool:
    """Tell whether a REGISTER is sent by whom it registers (section 10.3, steps 3 and 4).

    That the address-of-record is one of the device's own is for the registrar to check.
    """
    try:
        return request.from_.uri == request.to.uri
    except RemoteProtocolError:
        return False
