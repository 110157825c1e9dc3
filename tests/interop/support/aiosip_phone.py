"""A softphone on aiosip 0.2.0 of 2017, the oddest peer: no media, one branch for all requests.

It cannot be called: it would bind the called address. Its digest copies `qop` but counts no nonces,
and its ACK says `CSeq: 1 INVITE`; both are set right here, but for the user `bare`.
"""

import asyncio
import collections
import collections.abc
import types
from hashlib import md5

collections.MutableMapping = collections.abc.MutableMapping  # type: ignore[attr-defined]
asyncio.coroutine = types.coroutine  # type: ignore[attr-defined]

import aiosip  # type: ignore[import-untyped]  # noqa: E402 - it needs those two names

from tests.interop.support import program  # noqa: E402
from tests.interop.support.order import Settings, Word  # noqa: E402
from tests.interop.support.program import Phone, PhoneError, say  # noqa: E402

OFFER = """v=0
o=- 1 1 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio {port} RTP/AVP 0
a=rtpmap:0 PCMU/8000
""".replace("\n", "\r\n")
DISCARD_PORT = 9
BARE = "bare"
"""The user of a phone that is left as it is."""


def _md5(text: str) -> str:
    return md5(text.encode()).hexdigest()  # noqa: S324 - the digest of RFC 7616 section 3.4


class _Digest(aiosip.Auth):  # type: ignore[misc]
    """RFC 7616 with `qop=auth`, and MD5."""

    @classmethod
    def from_authenticate_header(
        cls, authenticate: str, method: str, uri: str, username: str, password: str
    ) -> "_Digest":
        auth: _Digest = super().from_authenticate_header(
            authenticate, method, uri, username, password
        )
        ha1 = _md5(f"{username}:{auth['realm']}:{password}")
        ha2 = _md5(f"{method}:{uri}")
        middle = f"{auth['nonce']}:00000001:interop:auth"
        auth["cnonce"], auth["nc"] = "interop", "00000001"
        auth["response"] = _md5(f"{ha1}:{middle}:{ha2}")
        return auth

    def __str__(self) -> str:
        """Write it; the nonce count is a number without quotes."""
        return str(super().__str__()).replace('nc="00000001"', "nc=00000001")


class _Call(aiosip.Call):  # type: ignore[misc]
    """A call whose ACK is one."""

    def _ack(self, msg: aiosip.Response) -> None:
        if "BYE" not in msg.headers["CSeq"]:
            headers = {name: msg.headers[name] for name in ("From", "To")}
            headers["CSeq"] = msg.headers["CSeq"].replace("INVITE", "ACK")
            self.dialog.send_message(method="ACK", headers=_multi(headers))


class AiosipPhone(Phone):
    """One account and at most one call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._application: aiosip.Application
        self._call: aiosip.Call | None = None
        self._attempt: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring up the stack."""
        if self._settings.user != BARE:
            aiosip.dialog.Auth = _Digest
        self._application = aiosip.Application(loop=asyncio.get_running_loop())

    async def register(self) -> None:
        """Register; raise when refused."""
        await self._register(300)

    async def unregister(self) -> None:
        """Take the binding back."""
        await self._register(0)

    async def call(self, uri: str) -> None:
        """Send an INVITE, and do not wait."""
        dialog = await self._dialog(self._settings.uri(uri))
        self._attempt = asyncio.create_task(self._invite(dialog))  # noqa: TID251 - ends with the process

    async def hang_up(self) -> None:
        """End the call."""
        if self._call is None:
            raise PhoneError("no call")
        await self._call.close()

    async def close(self) -> None:
        """Take down the stack."""
        await self._application.finish()

    async def _register(self, expires: int) -> None:
        dialog = await self._dialog(self._settings.uri(self._settings.user))
        answer = await dialog.register(expires=expires)
        if answer.status_code != 200:
            raise PhoneError(answer.status_message, answer.status_code)

    async def _dialog(self, to_uri: str) -> aiosip.Dialog:
        settings = self._settings
        return await self._application.start_dialog(
            from_uri=settings.uri(settings.user),
            to_uri=to_uri,
            contact_uri=f"sip:{settings.user}@{settings.local}:{settings.local_port}",
            local_addr=(settings.local, settings.local_port),
            remote_addr=(settings.host, settings.port),
            password=settings.password,
        )

    async def _invite(self, dialog: aiosip.Dialog) -> None:
        headers = {"Content-Type": "application/sdp"}
        offer = OFFER.format(host=self._settings.local, port=DISCARD_PORT)
        try:
            kind = aiosip.Call if self._settings.user == BARE else _Call
            self._call = await kind.invite(dialog, headers=_multi(headers), sdp=offer)
        except (AssertionError, aiosip.InviteFailed) as error:
            say(Word("closed", text=repr(error)))
            return
        say(Word("established"))
        await self._call.wait()
        say(Word("closed"))


def _multi(headers: dict[str, str]) -> "aiosip.message.CIMultiDict[str]":
    return aiosip.message.CIMultiDict(headers)


if __name__ == "__main__":
    asyncio.run(program.serve(AiosipPhone(program.settings())))
