"""A softphone on baresip: one runtime, sound by its `aumem` driver."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from baresip import (
    Account,
    AudioNotActive,
    AudioRestarted,
    Call,
    CallState,
    Config,
    Event,
    RegistrationError,
    Runtime,
    StackEvent,
    TransferFailed,
    UserAgent,
)

from tests.interop.support import program, sound
from tests.interop.support.order import Settings, Word
from tests.interop.support.program import Phone, PhoneError, say, until

CODECS = {"PCMU": "pcmu", "PCMA": "pcma", "G722": "g722/16000/1", "opus": "opus/48000/2"}
STEP_SECONDS = 0.02
SOUND_SECONDS = 3.0
"""How long a call may take from its answer to its sound."""
GLARE_SECONDS = 8.0
"""How long a re-INVITE may take that met another one: the stack waits before it tries again."""
AHEAD_SECONDS = 0.1
"""How much sound waits in the driver, so that a busy machine does not make gaps."""

EVENTS = {
    Event.CALL_RINGING: "ringing",
    Event.CALL_PROGRESS: "progress",
    Event.CALL_ESTABLISHED: "established",
    Event.CALL_HOLD: "held",
    Event.CALL_RESUME: "resumed",
}


class BaresipPhone(Phone):
    """One account and at most one call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runtime = Runtime()
        self._agent: UserAgent
        self._calls: list[Call] = []
        self._pump: asyncio.Task[None]
        self._answered = asyncio.Event()
        self._hertz = 0.0
        self._sent = 0
        self._heard: list[bytes] | None = None

    async def start(self) -> None:
        """Bring up the stack."""
        settings = self._settings
        local = f"[{settings.local}]" if ":" in settings.local else settings.local
        extra = f"sip_listen {local}:{settings.local_port}\njitter_buffer_delay 1-10\n"
        if settings.rings_for:
            extra += f"call_local_timeout {settings.rings_for}\n"
        if settings.authority:
            extra += f"sip_cafile {settings.authority}\nsip_verify_server yes\n"
        await self._runtime.start(
            Config(
                net_interface=settings.local,
                max_concurrent_calls=8,
                extra_config_text=extra,
            )
        )
        account = Account(
            settings.user,
            settings.server,
            settings.password,
            reg_interval=300 if settings.registers else 0,
            transport=settings.transport,  # type: ignore[arg-type]
            audio_codecs=tuple(CODECS[name] for name in settings.codecs),
        )
        self._agent = await UserAgent.create(self._runtime, account)
        self._agent.on_incoming(self._take)
        self._pump = asyncio.create_task(self._pump_sound())  # noqa: TID251 - ends with the process

    async def register(self) -> None:
        """Register; raise when refused."""
        try:
            await self._agent.register()
        except RegistrationError as error:
            raise PhoneError(str(error), error.status or 0) from error

    async def unregister(self) -> None:
        """Take the binding back."""
        await self._agent.unregister()

    async def call(self, uri: str) -> None:
        """Send an INVITE, and do not wait."""
        early: list[StackEvent] = []
        self._runtime.subscribe(early.append)
        try:
            call = await self._agent.dial(self._settings.uri(uri))
        finally:
            self._runtime.unsubscribe(early.append)
        listen = self._watch(call)
        for event in early:  # it may ring before the stack has told us which call it is
            if event.call == call.handle:
                listen(event)

    async def answer(self) -> None:
        """Take the call that rings."""
        await self._current().answer()

    async def refuse(self, status: int) -> None:
        """Refuse the call that rings; baresip knows only 486."""
        if status != 486:
            raise PhoneError(f"baresip cannot answer {status}")
        await self._current().reject()

    async def hang_up(self) -> None:
        """End or cancel the call."""
        await self._current().hangup()

    async def hold(self) -> None:
        """Put the far side on hold."""
        await self._renegotiate(self._current().hold)

    async def resume(self) -> None:
        """Take it off hold."""
        await self._renegotiate(self._current().resume)

    async def transfer(self, uri: str) -> None:
        """Lead the far side on to somebody else, and wait for what comes of it."""
        await _led_on(self._current().transfer(self._settings.uri(uri)))

    async def attend(self) -> None:
        """Connect the far sides of the first call and the last one, and wait likewise."""
        await _led_on(self._calls[0].attended_transfer(self._current()))

    async def press(self, digits: str) -> None:
        """Send digits as telephone events."""
        await self._current().send_dtmf(digits, interdigit_ms=160)

    async def play(self, hertz: float) -> None:
        """Say this tone from now on; zero is silence."""
        self._hertz = hertz

    async def record(self, file: str, seconds: float) -> None:
        """Write what is heard from now on to a WAV file."""
        call = self._current()
        self._heard = []
        await until(lambda: self._has_heard(call, seconds), SOUND_SECONDS + 2 * seconds)
        rate = self._rate(call) or 8000
        octets = b"".join(self._heard)[: int(seconds * rate) * 2]
        self._heard = None
        sound.write(Path(file), np.frombuffer(octets[: len(octets) & ~1], np.int16), rate)

    def _rate(self, call: Call) -> int:
        try:
            return int(call.audio.info().rx_sample_rate)
        except AudioNotActive:
            return 0

    def _has_heard(self, call: Call, seconds: float) -> bool:
        """Tell whether so much has been recorded; too little is kept too, and fails the test."""
        rate = self._rate(call)
        return rate > 0 and sum(map(len, self._heard or ())) >= 2 * rate * seconds

    async def abandon(self) -> None:
        """End every call."""
        for call in tuple(self._calls):
            await call.hangup()
        await until(lambda: not self._calls)

    async def close(self) -> None:
        """Take down the stack."""
        self._pump.cancel()
        await self._runtime.close()

    async def _renegotiate(self, change: Callable[[], Awaitable[None]]) -> None:
        """Send a re-INVITE, and wait for its answer."""
        self._answered.clear()
        async with asyncio.timeout(GLARE_SECONDS):
            await change()
            await self._answered.wait()

    def _current(self) -> Call:
        if not self._calls:
            raise PhoneError("no call")
        return self._calls[-1]

    def _take(self, call: Call) -> None:
        self._watch(call)
        say(Word("incoming", text=call.peer or ""))

    def _watch(self, call: Call) -> Callable[[StackEvent], None]:
        self._calls.append(call)

        def listen(event: StackEvent) -> None:
            if event.event is Event.CALL_CLOSED:
                self._forget(call, event.text or "")
            elif event.event is Event.CALL_REMOTE_SDP and event.text == "answer":
                self._answered.set()
            elif name := EVENTS.get(event.event):
                say(Word(name, text=event.text or ""))

        call.on(listen)
        call.on_dtmf(lambda digit: say(Word("digit", text=digit.digit)))
        return listen

    def _forget(self, call: Call, reason: str) -> None:
        self._calls.remove(call)
        status = int(reason[:3]) if reason[:3].isdigit() else 0
        final = call.final_stats
        received, lost = (final.rx_packets, final.rx_lost) if final else (0, 0)
        say(Word("closed", text=reason, status=status, received=received, lost=lost))

    async def _pump_sound(self) -> None:
        while True:
            for call in self._calls:
                if call.state is CallState.ESTABLISHED:
                    self._exchange(call)
            await asyncio.sleep(STEP_SECONDS)

    def _exchange(self, call: Call) -> None:
        """Fill up what is to be said; take what was heard."""
        try:
            info = call.audio.info()
            if self._hertz and info.tx_ready:
                width = 2 * info.tx_channels
                missing = int(AHEAD_SECONDS * info.tx_sample_rate) - info.tx_buffered // width
                if missing > 0:
                    mono = sound.tone(self._hertz, info.tx_sample_rate, self._sent, missing)
                    call.audio.write(np.repeat(mono, info.tx_channels).tobytes())
                    self._sent += missing
            if info.rx_ready and (octets := call.audio.read(1 << 20)) and self._heard is not None:
                samples = np.frombuffer(octets, np.int16)
                self._heard.append(samples[:: info.rx_channels].tobytes())
        except (AudioNotActive, AudioRestarted):
            return


async def _led_on(outcome: Awaitable[None]) -> None:
    try:
        await outcome
    except TransferFailed as error:
        raise PhoneError(str(error)) from error


if __name__ == "__main__":
    asyncio.run(program.serve(BaresipPhone(program.settings())))
