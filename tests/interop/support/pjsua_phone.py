"""A softphone on PJSUA2 (pjproject): polled from one thread, with its own tone and recorder."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pjsua2 as pj  # type: ignore[import-untyped]

from tests.interop.support import program
from tests.interop.support.order import Settings, Word
from tests.interop.support.program import Phone, PhoneError, say, until

CODECS = {"PCMU": "PCMU/8000/1", "PCMA": "PCMA/8000/1", "G722": "G722/16000/1"}
TRANSPORTS = {
    "udp": pj.PJSIP_TRANSPORT_UDP,
    "tcp": pj.PJSIP_TRANSPORT_TCP,
    "tls": pj.PJSIP_TRANSPORT_TLS,
}
POLL_SECONDS = 0.005
CLOCK_RATE = 16_000
VOLUME = 8_000
FOREVER_MS = 1_000
MAX_CALLS = 8
UNHOLD = pj.PJSUA_CALL_UNHOLD
GLARE_SECONDS = 8.0
"""How long a re-INVITE may take that met another one."""
HOLD_TRIES = 3
HELD_SECONDS = 1.0
"""How long its answer may take to be worked in."""
SOUND_SECONDS = 3.0
"""How long a call may take from its answer to its sound."""


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: "PjsuaPhone") -> None:
        pj.Account.__init__(self)
        self._phone = phone

    def onRegState(self, prm: pj.OnRegStateParam) -> None:  # noqa: N802
        """Hear of the registrar's answer."""
        self._phone.heard_of_registration(prm.code, prm.reason, prm.expiration)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:  # noqa: N802
        """Let it ring."""
        self._phone.take(_Call(self._phone, self, prm.callId))


class _Call(pj.Call):  # type: ignore[misc]
    def __init__(self, phone: "PjsuaPhone", account: _Account, number: int = -1) -> None:
        pj.Call.__init__(self, account, number)
        self._phone = phone
        self.media: pj.AudioMedia | None = None
        self.received = self.lost = 0
        self.remote_hold = False
        self.transferred: asyncio.Future[tuple[int, str]] | None = None

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: N802
        """Tell what has become of the call."""
        del prm
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.role == pj.PJSIP_ROLE_UAC:
            say(Word("ringing" if info.lastStatusCode == 180 else "progress"))
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            say(Word("established"))
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._be_led_on(487, "the call has ended")
            self._phone.forget(self)
            say(
                Word(
                    "closed",
                    text=info.lastReason,
                    status=info.lastStatusCode,
                    received=self.received,
                    lost=self.lost,
                )
            )

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: N802
        """Connect the sound, as far as the call has any now."""
        del prm
        self.media = None
        is_held = False
        info = self.getInfo()  # its parts live only as long as it does
        for index, media in enumerate(info.media):
            is_held = is_held or media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in _FLOWING:
                self.media = self.getAudioMedia(index)
        if is_held != self.remote_hold:
            self.remote_hold = is_held
            say(Word("held" if is_held else "resumed"))
        self._phone.connect_tone()
        self._phone.changed.set()

    def onCallTransferStatus(self, prm: pj.OnCallTransferStatusParam) -> None:  # noqa: N802
        """Hear what has come of a transfer; the far side's own BYE ends the call."""
        if prm.finalNotify:
            self._be_led_on(prm.statusCode, prm.reason)

    def _be_led_on(self, status: int, reason: str) -> None:
        if self.transferred is not None and not self.transferred.done():
            self.transferred.set_result((status, reason))

    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:  # noqa: N802
        """Keep the counters before they are gone."""
        try:
            statistics = self.getStreamStat(prm.streamIdx)
        except pj.Error:
            return
        self.received += statistics.rtcp.rxStat.pkt
        self.lost += statistics.rtcp.rxStat.loss

    def is_holding(self) -> bool:
        """Tell whether the far side is on hold."""
        info = self.getInfo()  # its parts live only as long as it does
        return any(media.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD for media in info.media)

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:  # noqa: N802
        """Tell which digit was heard."""
        say(Word("digit", text=prm.digit))


_FLOWING = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)


class PjsuaPhone(Phone):
    """One account and at most one call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._endpoint = pj.Endpoint()
        self._account = _Account(self)
        self.changed = asyncio.Event()
        self._calls: list[_Call] = []
        self._graveyard: list[_Call] = []
        self._tone: pj.ToneGenerator | None = None
        self._outcome: asyncio.Future[tuple[int, str]] | None = None
        self._poll: asyncio.Task[None]

    async def start(self) -> None:
        """Bring up the stack."""
        settings, endpoint = self._settings, self._endpoint
        endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = MAX_CALLS
        config.logConfig.level = config.logConfig.consoleLevel = 1
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.clockRate = CLOCK_RATE
        endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.boundAddress = transport.publicAddress = settings.local
        transport.port = settings.local_port
        if settings.authority:
            transport.tlsConfig.CaListFile = settings.authority
            transport.tlsConfig.verifyServer = True
        endpoint.transportCreate(TRANSPORTS[settings.transport], transport)
        endpoint.libStart()
        endpoint.audDevManager().setNullDev()
        for codec in endpoint.codecEnum2():
            endpoint.codecSetPriority(codec.codecId, 0)
        for rank, name in enumerate(settings.codecs):
            endpoint.codecSetPriority(CODECS[name], 250 - rank)
        self._account.create(self._account_config())
        self._poll = asyncio.create_task(self._poll_stack())  # noqa: TID251 - ends with the process

    def _account_config(self) -> pj.AccountConfig:
        settings = self._settings
        config = pj.AccountConfig()
        config.idUri = settings.uri(settings.claims or settings.user)
        config.regConfig.registrarUri = settings.uri("").replace("@", "")
        config.regConfig.registerOnAdd = False
        config.regConfig.timeoutSec = 300
        config.regConfig.retryIntervalSec = 0
        config.sipConfig.authCreds.append(
            pj.AuthCredInfo("digest", "*", settings.user, 0, settings.password)
        )
        config.natConfig.contactRewriteUse = 0
        config.natConfig.viaRewriteUse = 0
        config.mediaConfig.transportConfig.boundAddress = settings.local
        config.mediaConfig.transportConfig.publicAddress = settings.local
        config.mediaConfig.transportConfig.port = 0
        config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_DISABLED
        return config

    async def register(self) -> None:
        """Register; raise when refused."""
        await self._settle(is_renewal=True)

    async def unregister(self) -> None:
        """Take the binding back."""
        await self._settle(is_renewal=False)

    async def call(self, uri: str) -> None:
        """Send an INVITE, and do not wait."""
        call = _Call(self, self._account)
        self._calls.append(call)
        try:
            call.makeCall(self._settings.uri(uri), pj.CallOpParam(True))
        except pj.Error:
            self._calls.remove(call)
            raise

    async def answer(self) -> None:
        """Take the call that rings."""
        self._answer(200)

    async def refuse(self, status: int) -> None:
        """Refuse the call that rings."""
        self._answer(status)

    async def hang_up(self) -> None:
        """End or cancel the call."""
        self._current().hangup(pj.CallOpParam())

    async def hold(self) -> None:
        """Put the far side on hold; again when the stack's own change came before (500)."""
        call = self._current()
        for _ in range(HOLD_TRIES):
            await self._renegotiate(lambda: call.setHold(pj.CallOpParam(True)))
            if await until(call.is_holding, HELD_SECONDS):
                return
        raise PhoneError("the far side is not put on hold")

    async def resume(self) -> None:
        """Take it off hold."""
        parameters = pj.CallOpParam(True)
        parameters.opt.flag = UNHOLD
        call = self._current()
        await self._renegotiate(lambda: call.reinvite(parameters))

    async def transfer(self, uri: str) -> None:
        """Lead the far side on to somebody else, and wait for what comes of it."""
        call = self._current()
        await _led_on(call, lambda: call.xfer(self._settings.uri(uri), pj.CallOpParam(True)))

    async def attend(self) -> None:
        """Connect the far sides of the first call and the last one, and wait likewise."""
        call, last = self._calls[0], self._current()
        await _led_on(call, lambda: call.xferReplaces(last, pj.CallOpParam(True)))

    async def press(self, digits: str) -> None:
        """Send digits as telephone events."""
        self._current().dialDtmf(digits)

    async def play(self, hertz: float) -> None:
        """Say this tone from now on; zero is silence."""
        if self._tone is not None:
            self._tone.stop()
            self._tone = None
        if hertz:
            description = pj.ToneDesc()
            description.freq1, description.freq2 = int(hertz), 0
            description.on_msec, description.off_msec = FOREVER_MS, 0
            description.volume = VOLUME
            self._tone = pj.ToneGenerator()
            self._tone.createToneGenerator(CLOCK_RATE, 1)
            tones = pj.ToneDescVector()
            tones.append(description)
            self._tone.play(tones, True)
        self.connect_tone()

    async def record(self, file: str, seconds: float) -> None:
        """Write what is heard from now on to a WAV file."""
        media = await self._sound()
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(file)
        media.startTransmit(recorder)
        place, size = Path(file), seconds * CLOCK_RATE * 2
        await until(lambda: place.stat().st_size >= size, 2 * seconds + SOUND_SECONDS)
        del recorder  # the stack's own thread completes the file: its length comes last
        await until(lambda: place.read_bytes()[4:8] != bytes(4))

    async def abandon(self) -> None:
        """End every call."""
        self._endpoint.hangupAllCalls()
        await until(lambda: not self._calls)

    async def close(self) -> None:
        """Take down the stack."""
        self._poll.cancel()
        self._tone = None
        self._graveyard.clear()
        self._endpoint.libDestroy()

    def take(self, call: _Call) -> None:
        """Let an incoming call ring."""
        self._calls.append(call)
        ringing = pj.CallOpParam()
        ringing.statusCode = 180
        call.answer(ringing)
        say(Word("incoming", text=call.getInfo().remoteUri))

    def forget(self, call: _Call) -> None:
        """Drop a call that has ended, once the stack's callback is over."""
        if call in self._calls:
            self._calls.remove(call)
            self._graveyard.append(call)

    def heard_of_registration(self, code: int, reason: str, expires: int) -> None:
        """Settle a registration."""
        say(Word("registration", text=f"{code} {reason} {expires}", status=code))
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result((code, reason))

    def connect_tone(self) -> None:
        """Let the far side hear the tone."""
        for call in self._calls:
            if self._tone is not None and call.media is not None:
                self._tone.startTransmit(call.media)

    def _answer(self, status: int) -> None:
        parameters = pj.CallOpParam()
        parameters.statusCode = status
        self._current().answer(parameters)

    def _current(self) -> _Call:
        if not self._calls:
            raise PhoneError("no call")
        return self._calls[-1]

    async def _renegotiate(self, change: Callable[[], None]) -> None:
        """Send a re-INVITE, and wait for its answer."""
        self.changed.clear()
        if not await until(lambda: self._begins(change)):  # the far side's own change is not over
            raise PhoneError("the re-INVITE cannot begin")
        async with asyncio.timeout(GLARE_SECONDS):
            await self.changed.wait()

    @staticmethod
    def _begins(change: Callable[[], None]) -> bool:
        try:
            change()
        except pj.Error:
            return False
        return True

    async def _sound(self) -> pj.AudioMedia:
        """Wait until the call has sound."""
        call = self._current()
        if not await until(lambda: call.media is not None, SOUND_SECONDS):
            raise PhoneError("the call has no sound")
        return call.media

    async def _settle(self, *, is_renewal: bool) -> None:
        self._outcome = asyncio.get_running_loop().create_future()
        self._account.setRegistration(is_renewal)
        code, reason = await self._outcome
        if code // 100 != 2:
            raise PhoneError(f"{code} {reason}", code)

    async def _poll_stack(self) -> None:
        while True:
            self._endpoint.libHandleEvents(0)
            self._graveyard.clear()
            await asyncio.sleep(POLL_SECONDS)


async def _led_on(call: _Call, begin: Callable[[], None]) -> None:
    call.transferred = asyncio.get_running_loop().create_future()
    begin()
    status, reason = await call.transferred
    if status // 100 != 2:
        raise PhoneError(f"{status} {reason}", status)


if __name__ == "__main__":
    asyncio.run(program.serve(PjsuaPhone(program.settings())))
