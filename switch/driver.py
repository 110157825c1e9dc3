"""The pump between the sockets and the core: octets and one timer in, effects out in order.

Everything that happens calls the core, performs what the core wants, and arms the one timer again.
Nothing that a peer sends, and no fault of the core, gets past it into the loop.
"""

import gc
import re
import traceback
from asyncio import (
    AbstractEventLoop,
    Event,
    Task,
    TaskGroup,
    TimerHandle,
    get_running_loop,
    timeout,
)
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from media.plane import MediaPlane, PlaneCommand, PlaneReport
from switch.command import Command, Drain, HangUpAll
from switch.effect import (
    ChangeHandling,
    CoreEffect,
    DeleteBinding,
    DeleteBlock,
    Level,
    Log,
    Resolve,
    Resolved,
    SinkEffect,
    Target,
    TransportFailed,
    WriteBinding,
    WriteBlock,
    WriteCdr,
)
from switch.sip.effect import Transmit
from switch.sip.errors import RemoteProtocolError
from switch.sip.flow import Address, Flow, Transport
from switch.sip.message import Request, Response
from switch.sip.parser import parse
from switch.transport.trace import Direction, Trace

CoreOutput = Transmit | PlaneCommand | CoreEffect
Happening = Resolved | TransportFailed | PlaneReport
Addresses = tuple[tuple[Transport, Address], ...]

REJECTIONS_PER_SECOND = 10
"""Malformed messages of one source that are answered each second: a phone's, not a reflector's."""

REJECTED_SOURCES = 1024
"""Sources that are answered so each second; a flood from forged sources beyond it meets silence."""

RESOLUTIONS = 1024
"""Look-ups under way at once; a further one is answered with no address."""

FAULT_TEXT = 4000
"""Characters of a traceback that go into the log line."""

GC_THRESHOLDS = (50_000, 50, 100)
"""Collections at the default rate cost 10 to 20 % of the time at 20,000 live transactions."""

_CALL_ID = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]{1,256})", re.IGNORECASE | re.MULTILINE)

TICK = 0.01
"""Seconds between two looks for what is due: SIP's timers bear being so late, and a busy switch is
spared thousands of looks a second that find what it knew."""

HANG_UP_BOUND = 2.0
"""Seconds for the BYEs of the last calls to be answered, once draining is over."""


class Core(Protocol):
    """The switch without I/O."""

    @property
    def is_idle(self) -> bool:
        """Whether no call is in progress."""
        ...

    def receive(self, message: Request | Response, flow: Flow, now: float) -> Sequence[CoreOutput]:
        """Take a message that arrived."""
        ...

    def report(self, happening: Happening, now: float) -> Sequence[CoreOutput]:
        """Take what came of an earlier output."""
        ...

    def command(self, command: Command, now: float) -> Sequence[CoreOutput]:
        """Take what an operator asks."""
        ...

    def next_deadline(self) -> float | None:
        """When `expire` wants to be called."""
        ...

    def expire(self, now: float) -> Sequence[CoreOutput]:
        """Do what is due."""
        ...


class Transports(Protocol):
    """The sockets, as the driver uses them; `switch.transport.layer.TransportLayer`."""

    def start(self, user: "Driver", loop: AbstractEventLoop, tasks: TaskGroup) -> None:
        """Begin to read."""

    def send(self, octets: bytes, flow: Flow) -> None:
        """Put octets on a flow."""

    def expect(self, remote: Address, name: str) -> None:
        """Remember the name under which an address was found, which its certificate must show."""

    async def close(self) -> None:
        """Flush and close every socket."""


class Resolver(Protocol):
    """Who finds the addresses of a next hop."""

    def known(self, target: Target) -> Addresses | None:
        """Answer without waiting, or None."""
        ...

    async def resolve(self, target: Target) -> Addresses:
        """Find the addresses, best first; never raises for what DNS did."""
        ...


class EffectSink(Protocol):
    """Who keeps bindings, call detail records and settings; it queues and returns at once."""

    def write(self, effect: SinkEffect, /) -> None:
        """Keep it."""


class LogSink(Protocol):
    """Who writes log lines; it buffers and returns at once."""

    def write(self, line: Log, /) -> None:
        """Write it."""


Reject = Callable[[bytes, RemoteProtocolError, Address], bytes | None]
"""Write the stateless answer to a malformed message, or None (`uas.reject_malformed`)."""


@dataclass(slots=True)
class DriverCounters:
    """What the pump did."""

    messages: int = 0
    malformed: int = 0
    rejected: int = 0
    """Malformed messages that got an answer."""
    core_faults: int = 0
    effect_faults: int = 0
    transports_lost: int = 0


class Driver:
    """Runs a core on the event loop."""

    def __init__(  # noqa: PLR0913 - the composition root names each part once
        self,
        core: Core,
        *,
        transports: Transports,
        media: MediaPlane,
        resolver: Resolver,
        sink: EffectSink,
        log: LogSink,
        reject: Reject,
        trace: Trace | None = None,
    ) -> None:
        self.counters = DriverCounters()
        self.trace = trace
        self._core = core
        self._transports = transports
        self._media = media
        self._resolver = resolver
        self._sink = sink
        self._log = log
        self._reject = reject
        self._happenings: deque[Happening] = deque()
        self._is_running = False
        self._timer: TimerHandle | None = None
        self._timer_at = 0.0
        self._idle = Event()
        self._awaits_idle = False
        self._look_ups: set[Task[None]] = set()
        self._rejections: dict[str, int] = {}
        self._rejections_since = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Pump while the context lasts; close every socket at its end."""
        self._loop = get_running_loop()
        self._now = self._loop.time
        async with TaskGroup() as self._tasks:
            self._media.start(self.report)
            self._transports.start(self, self._loop, self._tasks)
            self._arm(self._now())
            try:
                yield
            finally:
                await self._close()

    async def drain(self, bound: float) -> None:
        """Refuse new calls, let those in progress end within `bound` seconds, hang up the rest."""
        self.command(Drain())
        if not await self._wait_idle(bound):
            self.command(HangUpAll())
            await self._wait_idle(HANG_UP_BOUND)

    async def _wait_idle(self, bound: float) -> bool:
        self._awaits_idle = True
        with suppress(TimeoutError):
            async with timeout(bound):
                while not self._core.is_idle:
                    self._idle.clear()
                    await self._idle.wait()
        return self._core.is_idle

    async def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in self._look_ups:
            task.cancel()
        await self._transports.close()
        await self._media.close()

    # What happens.

    def receive(self, octets: bytes, flow: Flow) -> None:
        """Take one whole message from the transports."""
        now = self._now()
        self.counters.messages += 1
        if self.trace is not None:
            self.trace(Direction.RECEIVED, octets, flow, now)
        try:
            message = parse(octets)
            outputs = self._core.receive(message, flow, now)
        except RemoteProtocolError as error:
            self._reject_malformed(octets, flow, error)
            return
        except Exception as error:  # noqa: BLE001 - the one boundary: no message may stop the switch
            self._note_fault(error, _call_id(octets))
            outputs = ()
        self._perform(outputs)
        self._settle()

    def receive_broken(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        """Answer what could not be framed on a stream, where it can be answered."""
        if self.trace is not None:
            self.trace(Direction.RECEIVED, octets, flow, self._now())
        self._reject_malformed(octets, flow, error)

    def lose(self, flow: Flow, reason: str) -> None:
        """Take the transports' report that a flow is gone or refuses."""
        self.counters.transports_lost += 1
        self.report(TransportFailed(flow, reason))

    def note(self, line: Log) -> None:
        """Log a line of the transports' own."""
        self._log.write(line)

    def report(self, happening: Happening) -> None:
        """Tell the core what came of an earlier output."""
        self._happenings.append(happening)
        if not self._is_running:
            self._settle()

    def command(self, command: Command) -> None:
        """Tell the core what an operator asks."""
        self._guard(partial(self._core.command, command))
        self._settle()

    def turn(self, step: Callable[[float], Sequence[CoreOutput]]) -> None:
        """Let the core take a step that is no message, report or command, such as its start."""
        self._guard(step)
        self._settle()

    def _wake(self) -> None:
        # The loop's clock may tick coarser than the deadline: what was armed is due now.
        now = max(self._now(), self._timer_at)
        self._timer = None
        deadline = self._core.next_deadline()
        if deadline is not None and deadline <= now:
            self._guard(lambda _: self._core.expire(now))
            self._report_all()
            deadline = self._core.next_deadline()
        if deadline is not None:
            self._arm(max(deadline, now + TICK))

    # What is done about it.

    def _settle(self) -> None:
        """Report what came of the outputs so far, and look soon for what is due."""
        self._report_all()
        self._arm(self._now() + TICK)

    def _report_all(self) -> None:
        while self._happenings:
            self._guard(partial(self._core.report, self._happenings.popleft()))
        if self._awaits_idle and self._core.is_idle:
            self._idle.set()

    def _guard(self, call: Callable[[float], Sequence[CoreOutput]]) -> None:
        try:
            outputs = call(self._now())
        except Exception as error:  # noqa: BLE001 - the one boundary: no report may stop the switch
            self._note_fault(error, None)
        else:
            self._perform(outputs)

    def _arm(self, at: float) -> None:
        """Look for what is due at this time at the latest."""
        if self._timer is not None:
            if self._timer_at <= at:
                return
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_at(at, self._wake)

    def _perform(self, outputs: Sequence[CoreOutput]) -> None:
        was_running, self._is_running = self._is_running, True
        for output in outputs:
            try:
                self._perform_one(output)
            except Exception as error:  # noqa: BLE001 - an effect that fails must not take the others along
                self.counters.effect_faults += 1
                self._write_fault("effect_fault", error, None, type(output).__name__)
        self._is_running = was_running

    def _perform_one(self, output: CoreOutput) -> None:
        match output:
            case Transmit():
                if self.trace is not None:
                    self.trace(Direction.SENT, output.octets, output.flow, self._now())
                self._transports.send(output.octets, output.flow)
            case Log():
                self._log.write(output)
            case Resolve():
                self._resolve(output)
            case WriteBinding() | DeleteBinding() | WriteCdr() | WriteBlock() | DeleteBlock():
                self._sink.write(output)
            case ChangeHandling():
                self._sink.write(output)
            case _:
                self._media.perform(output)

    def _resolve(self, effect: Resolve) -> None:
        known = self._resolver.known(effect.target)
        if known is not None or len(self._look_ups) >= RESOLUTIONS:
            self._resolved(effect, known or ())
            return
        task = self._tasks.create_task(self._look_up(effect), name="resolve")
        self._look_ups.add(task)
        task.add_done_callback(self._look_ups.discard)

    async def _look_up(self, effect: Resolve) -> None:
        addresses: Addresses = ()
        try:
            addresses = await self._resolver.resolve(effect.target)
        except Exception as error:  # noqa: BLE001 - a resolver's fault is no reason to end the task group
            self.counters.effect_faults += 1
            self._write_fault("effect_fault", error, None, type(effect).__name__)
        self._resolved(effect, addresses)

    def _resolved(self, effect: Resolve, addresses: Addresses) -> None:
        for transport, address in addresses:
            if transport is Transport.TLS:
                self._transports.expect(address, effect.target.host)
        self.report(Resolved(effect.token, addresses))

    # What is wrong.

    def _reject_malformed(self, octets: bytes, flow: Flow, error: RemoteProtocolError) -> None:
        self.counters.malformed += 1
        if not error.status or not self._may_reject(flow.remote.host):
            return
        try:
            answer = self._reject(octets, error, flow.remote)
        except Exception as fault:  # noqa: BLE001 - what could not be parsed may break the answer as well
            self._note_fault(fault, _call_id(octets))
            return
        if answer is not None:
            self.counters.rejected += 1
            self._perform((Transmit(answer, flow),))

    def _may_reject(self, host: str) -> bool:
        now = self._now()
        if now - self._rejections_since >= 1.0:
            self._rejections_since = now
            self._rejections.clear()
        count = self._rejections.get(host, 0)
        if count >= REJECTIONS_PER_SECOND or len(self._rejections) >= REJECTED_SOURCES:
            return False
        self._rejections[host] = count + 1
        return True

    def _note_fault(self, error: Exception, call_id: str | None) -> None:
        self.counters.core_faults += 1
        self._write_fault("core_fault", error, call_id, type(error).__name__)

    def _write_fault(self, event: str, error: Exception, call_id: str | None, what: str) -> None:
        text = "".join(traceback.format_exception(error))[-FAULT_TEXT:]
        fields: dict[str, str | int | float | bool | None] = {"what": what, "traceback": text}
        if call_id is not None:
            fields["sip_call_id"] = call_id
        self._log.write(Log(event, Level.ERROR, fields))


def freeze_memory() -> None:
    """Take what start-up has built out of the collector's sight, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _call_id(octets: bytes) -> str | None:
    """Find the Call-ID for the log, in a message that may be anything."""
    found = _CALL_ID.search(octets)
    return None if found is None else found[1].decode("utf-8", "replace")
