"""The renewal of the directory: what changes in the store or the configuration reaches the calls.

A change is asked for by the command line, noticed by a look at the store's revision every few
seconds, or comes with a reload of the configuration. Only contracts that changed are read; the
snapshot that comes of it is swapped whole, and shares everything else with the one before.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from provisioning.snapshot import customer_of
from provisioning.store import Changes, ContractStore
from routing.carrier import CarrierRoute
from routing.customer import Customer
from routing.directory import Directory, DirectoryError
from routing.trunk import Trunk
from switch.effect import Level, Log

CHECK_SECONDS = 3.0
"""How late a change is noticed that nobody told of: one cheap query this often."""


MAX_NAMED = 10
"""Contracts that a log line names; an import may be of thousands."""

STATIC_FAULT = "the configuration has a contract of this name"


class Renewal:
    """Keeps the directory of a running switch as the store and the configuration say."""

    def __init__(
        self,
        store: ContractStore,
        current: Callable[[], Directory],
        swap: Callable[[Directory], None],
        log: Callable[[Log], None],
    ) -> None:
        self._store = store
        self._current = current
        self._swap = swap
        self._log = log
        self._revision = 0
        self._static: dict[str, Customer] = {}
        """The configuration's own customers, which the store cannot replace."""
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._is_failing = False

    async def load(self, static: Iterable[Customer]) -> list[Customer]:
        """Read every contract of the store, at the start."""
        self._static = {customer.contract: customer for customer in static}
        with _collector_at_rest():
            self._revision, customers = await self._store.customers()
        return customers

    async def run(self) -> None:
        """Look for changes for as long as the switch runs."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.renew()
            except (SQLAlchemyError, OSError) as error:
                self._tell_failing(error)
            else:
                self._is_failing = False

    async def renew(self) -> int:
        """Take what has changed in the store; return how many contracts."""
        async with self._lock:
            changes = await self._store.changes(self._revision)
            if changes.revision == self._revision:
                return 0
            base, made = None, None
            while made is None or self._current() is not base:  # a reload came in between
                base = self._current()
                made = await asyncio.to_thread(_applied, base, changes, frozenset(self._static))
            self._revision = changes.revision
            self._swap(made.directory)
        for contract, fault in made.refused:
            self._tell("contract_refused", Level.ERROR, contract=contract, fault=fault)
        self._tell(
            "directory_replaced",
            Level.INFO,
            revision=changes.revision,
            contracts=", ".join(made.names[:MAX_NAMED]),
            devices=len(made.directory.devices),
        )
        return len(made.names)

    def reconfigure(
        self, static: Iterable[Customer], trunks: Iterable[Trunk], routes: Iterable[CarrierRoute]
    ) -> None:
        """Take a configuration's customers, trunks and routes; raise `DirectoryError`.

        What has changed in the store is looked for at once too.
        """
        fresh = {customer.contract: customer for customer in static}
        current = self._current()
        stored = [name for name in fresh if name in current.customers and name not in self._static]
        if stored:
            raise DirectoryError(tuple(f"the contract {name} is in the store" for name in stored))
        changed = [each for each in fresh.values() if self._static.get(each.contract) != each]
        directory = current.with_changes(changed, self._static.keys() - fresh.keys())
        directory = directory.with_trunks(trunks, routes)
        self._static = fresh
        self._swap(directory)
        self._wake.set()

    def _tell_failing(self, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._tell("contracts_unavailable", Level.ERROR, reason=reason)

    def _tell(self, event: str, level: Level, **fields: str | float) -> None:
        self._log(Log(event, level, {**fields}))


class _Applied(NamedTuple):
    """A directory with changes, and what could not be taken: contracts with a fault each."""

    directory: Directory
    names: list[str]
    refused: list[tuple[str, str]]


def _applied(base: Directory, changes: Changes, static: frozenset[str]) -> _Applied:
    """Work changes into a directory: in a thread, because an import may be of thousands."""
    told = {contract.name for contract in changes.contracts} | changes.gone
    refused = [(name, STATIC_FAULT) for name in sorted(told & static)]
    customers = [customer_of(each) for each in changes.contracts if each.name not in static]
    gone = changes.gone - static
    try:
        directory = base.with_changes(customers, gone)
    except DirectoryError:
        directory = base.with_changes((), gone)
        for customer in customers:
            try:
                directory = directory.with_customer(customer)
            except DirectoryError as error:
                refused += [(customer.contract, fault) for fault in error.faults]
    return _Applied(directory, sorted(told - static), refused)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the garbage collector rest while much is built that stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
