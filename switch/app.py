"""The composition root: the parts are made, joined, and live and end in order.

What the environment may refuse (ports, certificates, folders, the database) is tried before
anything runs, and as much as can be is told at once.
"""

import asyncio
import random
import signal
import sys
from asyncio import AbstractEventLoop, Event, TaskGroup
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import uvloop

from config.change import needing_restart
from config.demonstration import Account
from config.fault import ConfigurationError
from config.model import Settings
from media.relay import relay
from media.termination import Termination
from provisioning.document import Terms
from provisioning.office import Office
from provisioning.store import ContractStore
from routing.directory import Directory, DirectoryError
from switch import blueprint
from switch.clock import Clock
from switch.command import HangUpAll
from switch.control import ControlError, ControlServer
from switch.desk import Desk, Sources
from switch.driver import Driver, freeze_memory
from switch.effect import ChangeHandling, Level, Log, SinkEffect, WriteCdr
from switch.environment import EnvironmentFault, make_folder, media_faults
from switch.explain_desk import ExplainDesk
from switch.fraud_desk import FraudDesk
from switch.guard.account import DAY
from switch.http import HttpError, HttpServer, Probes
from switch.log_limit import LogLimit
from switch.logs import Logs
from switch.loop_lag import LoopLag
from switch.metrics import Metrics
from switch.phone_change import PhoneChanges
from switch.readings import Parts, readings
from switch.renewal import Renewal
from switch.services import Services
from switch.sip.uas import reject_malformed
from switch.sip_trace import SipTrace
from switch.sounds import first_formats, first_sounds
from switch.store.database import Database, StoreError
from switch.store.writer import StoreWriter
from switch.story import Story
from switch.transport.layer import ListenError, TransportLayer
from switch.transport.locate import Reach
from switch.transport.resolver import Resolver
from switch.view import Status

if TYPE_CHECKING:
    from switch.core import SwitchCore

GOODBYE_SECONDS = 2.0
"""How long a second signal waits for the BYEs to leave."""

HURRY = "a second signal to the switch hangs up at once"
"""What an operator is told who waits for calls to end."""

CLOSE_SECONDS = 8.0
"""How long the store and the web server may take to end, together."""


def serve(
    settings: Settings, *, reload: Callable[[], Settings], phones: Sequence[Account] = ()
) -> None:
    """Run the switch until a signal ends it; raise `EnvironmentFault` when it cannot begin."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, reload, phones))


def welcome(address: str, phones: Sequence[Account]) -> str:
    """Tell a first user what to type into the phones."""
    rows = "".join(
        f"  extension {phone.extension}   user {phone.username}   password {phone.password}\n"
        for phone in phones
    )
    return (
        f"\nDaihyo is ready. Register phones at the SIP server {address} (UDP or TCP):\n"
        f"{rows}Call 102 from 101, or 03-1234-0100, which all of them share.\n"
        "Ctrl-C ends the switch.\n\n"
    )


def package_version() -> str:
    """Name the installed version."""
    try:
        return version("daihyo")
    except PackageNotFoundError:
        return "0 (not installed)"


async def _serve(
    settings: Settings, reload: Callable[[], Settings], phones: Sequence[Account]
) -> None:
    faults = make_folder(settings.server.data_dir) + media_faults(settings)
    transports = TransportLayer(blueprint.transport_settings(settings))
    try:
        transports.bind()
    except ListenError as error:
        faults += error.faults
    metrics, state, http = Metrics(), _State(), None
    try:
        if settings.http.enabled:
            probes = Probes(metrics.text, lambda: state.why_not_ready)
            http = HttpServer(settings.http.host, settings.http.port, probes)
    except HttpError as error:
        faults.append(str(error))
    if faults:
        raise EnvironmentFault(faults)
    try:
        database = await Database.open(settings.server.database_url, migrate=True)
    except StoreError as error:
        raise EnvironmentFault([str(error)]) from None
    daemon = Daemon(settings, transports, database, metrics, http, state)
    try:
        await daemon.run(reload, phones)
    except ControlError as error:
        raise EnvironmentFault([str(error)]) from None
    except DirectoryError as error:
        raise EnvironmentFault(list(error.faults)) from None
    finally:
        await database.close()


def _hint(calls: int) -> dict[str, str]:
    return {"hint": HURRY} if calls else {}


@dataclass(slots=True)
class _State:
    """Whether traffic should come."""

    why_not_ready: str | None = "starting"


class Daemon:
    """Every part of one running switch."""

    def __init__(
        self,
        settings: Settings,
        transports: TransportLayer,
        database: Database,
        metrics: Metrics,
        http: HttpServer | None,
        state: _State,
    ) -> None:
        self._settings = settings
        self._transports = transports
        self._database = database
        self._metrics = metrics
        self._http = http
        self._state = state
        self._clock = Clock.system()
        self._started_at = self._clock.unix()
        self._logs = Logs(blueprint.log_settings(settings), self._clock.unix, sys.stdout.fileno())
        self._limit = LogLimit(self._logs.write, self._clock.now)
        self._story = Story(self._clock.unix)
        self._trace = SipTrace(self._clock.offset)
        self._writer = StoreWriter(database, self.write_line)
        self._renewal = Renewal(
            ContractStore(database.engine),
            lambda: self._core.directory,
            self._swap,
            self.write_line,
        )
        terms = Terms(settings.server.realm, tuple(settings.security.algorithms))
        self._changes = PhoneChanges(
            Office(ContractStore(database.engine), terms, settings.contracts),
            self._renewal.renew,
            self.write_line,
            self._clock.unix,
        )
        self._services = Services(settings, database, unix=self._clock.unix, log=self.write_line)
        self._relay = relay(blueprint.relay_settings(settings))
        self._media = Termination(self._relay, blueprint.termination_settings(settings))
        self._stop, self._hurry = Event(), Event()
        self._is_signalled = False
        self._core: SwitchCore
        self._driver: Driver

    async def run(self, reload: Callable[[], Settings], phones: Sequence[Account]) -> None:
        """Serve until a signal, then end in order."""
        loop = asyncio.get_running_loop()
        self._logs.attach(loop)
        loop.set_exception_handler(self._note_loop_fault)
        self._core = blueprint.core(
            self._settings,
            self._transports.listeners,
            self._clock.offset,
            await self._database.bindings(),
            await self._database.blocks(),
            await self._renewal.load(blueprint.customers(self._settings)),
        )
        self._core.recall(await self._database.calls_out(self._clock.unix() - DAY))
        await self._services.load()
        self._driver = self._make_driver(loop)
        control = self._make_control()
        await control.start()
        try:
            await self._serve(loop, reload, phones)
        finally:
            await control.close()
            self._limit.summarise()
            self._logs.close()

    async def _serve(
        self, loop: AbstractEventLoop, reload: Callable[[], Settings], phones: Sequence[Account]
    ) -> None:
        async with TaskGroup() as tasks:
            storing = tasks.create_task(self._writer.run(), name="store")
            serving = tasks.create_task(self._services.run(), name="services")
            renewing = tasks.create_task(self._renewal.run(), name="renewal")
            changing = tasks.create_task(self._changes.run(), name="changes")
            if self._http is not None:
                tasks.create_task(self._http.run(), name="http")
            async with self._driver.running():
                self._listen_to_signals(loop, reload)
                self._add_readings()
                lag = LoopLag(loop, self._metrics.note_lag)
                lag.start()
                preparing = tasks.create_task(self._prepare_sounds(), name="sounds")
                self._driver.turn(self._core.start)
                freeze_memory()
                self._announce(phones)
                await self._stop.wait()
                self._ignore_signals(loop)
                await self._drain(tasks)
                renewing.cancel()
                changing.cancel()
                preparing.cancel()
                lag.stop()
            if self._http is not None:
                self._http.close()
            self._writer.close()
            self._services.close()
            await asyncio.wait([storing, serving], timeout=CLOSE_SECONDS)
            serving.cancel()  # a mail that the server has not taken yet goes out after the start
            if not storing.done():
                self._log("store_abandoned", Level.ERROR, queued=len(self._writer))
                storing.cancel()
        self._log("stopped", Level.INFO)

    async def _prepare_sounds(self) -> None:
        """Make the first sounds ready while calls are served already."""
        sounds = await asyncio.to_thread(first_sounds, self._settings.media.prompts)
        for fault in dict.fromkeys(await self._media.prepare(sounds, first_formats())):
            self._log("sound_unusable", Level.WARNING, reason=fault)

    def write_line(self, line: Log) -> None:
        """Write, count and remember a log line."""
        self._limit.write(line)
        self._metrics.observe(line)
        self._story.keep(line)

    def _make_driver(self, loop: AbstractEventLoop) -> Driver:
        ipv6 = [listener.local.is_ipv6 for listener in self._transports.listeners]
        reach = Reach(
            frozenset(listener.transport for listener in self._transports.listeners),
            ipv4=not all(ipv6),
            ipv6=any(ipv6),
        )
        return Driver(
            self._core,
            transports=self._transports,
            media=self._media,
            resolver=Resolver(
                blueprint.resolver_settings(self._settings),
                reach,
                clock=loop.time,
                random=random.SystemRandom(),
            ),
            sink=_Sink(self._writer, self._metrics, self._changes),
            log=_Lines(self.write_line),
            reject=reject_malformed,
            trace=self._trace,
        )

    def _make_control(self) -> ControlServer:
        sources = Sources(
            calls=self._core.calls,
            bindings=lambda: iter(self._core.locations),
            status=self._status,
            command=self._driver.command,
            drain=self._begin_drain,
            renew=self._renewal.renew,
            counters=self._media.counters,
            trace=self._core.trace,
        )
        desk = Desk(sources, self._story, self._trace, self._database, self._clock)
        fraud = FraudDesk(self._core.budgets, self._driver.command, self._clock)
        explaining = ExplainDesk(self._core, self._clock)
        answers = {**desk.answers(), **fraud.answers(), **explaining.answers()}
        return ControlServer(self._settings.server.data_dir, answers, self._trace)

    # The beginning and the end.

    def _listen_to_signals(self, loop: AbstractEventLoop, reload: Callable[[], Settings]) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, partial(self._hear, number))
        loop.add_signal_handler(signal.SIGHUP, partial(self._reload, reload))

    def _ignore_signals(self, loop: AbstractEventLoop) -> None:
        loop.remove_signal_handler(signal.SIGHUP)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _hear(self, number: signal.Signals) -> None:
        """Begin to drain on the first signal; end at once on the second.

        An operator's `drain` before is no signal: whoever then stops the process by habit ends no
        call.
        """
        calls = len(self._core.calls())
        hint = _hint(calls) if self._stop.is_set() and not self._is_signalled else {}
        self._log("signal", Level.INFO, signal=number.name, calls=calls, **hint)
        if self._is_signalled:
            self._hurry.set()
        self._is_signalled = True
        self._stop.set()

    def _begin_drain(self) -> str:
        """Begin to drain for an operator, and tell how long it may take."""
        self._stop.set()
        calls = len(self._core.calls())
        if not calls:
            return "draining: no calls in progress"
        bound = self._settings.server.drain_seconds
        return f"draining: {calls} in progress may go on for {bound:g} s; {HURRY}"

    async def _drain(self, tasks: TaskGroup) -> None:
        self._state.why_not_ready = "draining"
        bound = self._settings.server.drain_seconds
        calls = len(self._core.calls())
        self._log("draining", Level.INFO, calls=calls, bound=bound, **_hint(calls))
        draining = tasks.create_task(self._driver.drain(bound), name="drain")
        hurrying = tasks.create_task(self._hurry.wait(), name="second signal")
        await asyncio.wait([draining, hurrying], return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        if not draining.done():
            draining.cancel()
            self._driver.command(HangUpAll())
            await asyncio.sleep(GOODBYE_SECONDS if self._core.calls() else 0)
        self._log("drained", Level.INFO, left=len(self._core.calls()))

    def _reload(self, reload: Callable[[], Settings]) -> None:
        """Take the directory and the certificates afresh; on any fault the old ones stay."""
        try:
            fresh = reload()
            waiting = self._take(fresh)
        except (ConfigurationError, DirectoryError) as error:
            for fault in error.faults:
                self._log("reload_refused", Level.ERROR, fault=str(fault))
            return
        for line in self._transports.reload_certificates():
            self._log("certificate_kept", Level.ERROR, fault=line)
        directory = self._core.directory
        devices, trunks = len(directory.devices), len(directory.trunks)
        self._log("reloaded", Level.INFO, devices=devices, trunks=trunks)
        if waiting:
            self._log("restart_needed", Level.WARNING, settings=", ".join(waiting))

    def _take(self, fresh: Settings) -> list[str]:
        """Take a configuration's directory; name what a restart takes. Raises `DirectoryError`."""
        waiting = needing_restart(self._settings, fresh)
        if "server.realm" in waiting:
            # The new passwords' hashes are of a realm that no challenge names.
            raise DirectoryError(("server.realm has changed, which only a restart takes",))
        self._renewal.reconfigure(
            blueprint.customers(fresh), blueprint.trunks(fresh), blueprint.carrier_routes(fresh)
        )
        return waiting

    def _swap(self, directory: Directory) -> None:
        self._driver.turn(partial(self._core.replace_directory, directory))

    def _announce(self, phones: Sequence[Account]) -> None:
        listeners = self._transports.listeners
        for listener in listeners:
            self._log(
                "listening",
                Level.INFO,
                transport=listener.transport.value,
                address=str(listener.local),
                advertised=str(listener.advertised),
            )
        self._state.why_not_ready = None
        self._log(
            "started",
            Level.INFO,
            version=package_version(),
            devices=len(self._core.directory.devices),
            trunks=len(self._core.directory.trunks),
            bindings=len(self._core.locations),
            http="{}:{}".format(*self._http.address) if self._http else None,
        )
        if phones:
            sys.stderr.write(welcome(str(listeners[0].advertised), phones))
            sys.stderr.flush()

    # What is told.

    def _status(self) -> Status:
        return Status(
            version=package_version(),
            started_at=self._started_at,
            listeners=[f"{each} as {each.advertised}" for each in self._transports.listeners],
            calls=len(self._core.calls()),
            registrations=len(self._core.locations),
            transactions=len(self._core.stack.layer),
            is_draining=self._stop.is_set(),
            stored=self._writer.written,
            store_queue=len(self._writer),
            lines_dropped=self._logs.dropped,
        )

    def _add_readings(self) -> None:
        parts = Parts(
            self._core,
            self._transports,
            self._driver.counters,
            self._relay,
            self._media,
            self._writer,
            self._logs,
            self._limit,
        )
        self._metrics.add(*readings(parts), *self._services.readings())

    def _log(self, event: str, level: Level, **fields: str | float | None) -> None:
        self.write_line(Log(event, level, dict(fields)))

    def _note_loop_fault(self, _loop: AbstractEventLoop, context: Mapping[str, object]) -> None:
        """Log what would else be a traceback on the terminal: a fault outside every task."""
        error = context.get("exception")
        self._log(
            "loop_fault",
            Level.ERROR,
            what=str(context.get("message")),
            error=repr(error) if error is not None else None,
        )


@dataclass(frozen=True, slots=True)
class _Sink:
    """Rows to the store, records to the metrics on the way, and what was dialled to contracts."""

    writer: StoreWriter
    metrics: Metrics
    changes: PhoneChanges

    def write(self, effect: SinkEffect) -> None:
        """Keep it."""
        if isinstance(effect, ChangeHandling):
            self.changes.ask(effect)
            return
        self.writer.write(effect)
        if isinstance(effect, WriteCdr):
            self.metrics.record(effect)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The driver's log."""

    write: Callable[[Log], None]
