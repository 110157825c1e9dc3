"""The renewal of the directory: what changes in the store or the configuration reaches the calls.

A change is asked for by the command line, noticed by a look at the store's revision every few
seconds, or comes with a reload of the configuration. Only contracts that changed are read; the
snapshot that comes of it is swapped whole, and shares everything else with the one before.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from provisioning.snapshot import customer_of
from provisioning.store import ContractStore
from routing.carrier import CarrierRoute
from routing.customer import Customer
from routing.directory import Directory, DirectoryError
from routing.trunk import Trunk
from switch.effect import Level, Log

CHECK_SECONDS = 3.0
"""How late a change is noticed that nobody told of: one cheap query this often."""


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
            self._revision = changes.revision
            told = [customer_of(contract) for contract in changes.contracts]
            customers = [each for each in told if not self._is_static(each.contract)]
            gone = changes.gone - self._static.keys()
            self._take(customers, gone)
            return len(customers) + len(gone)

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

    def _take(self, customers: list[Customer], gone: Iterable[str]) -> None:
        """Swap in what is good, and tell of what is not."""
        try:
            directory = self._current().with_changes(customers, gone)
        except DirectoryError:
            directory = self._current().with_changes((), gone)
            for customer in customers:
                directory = self._with_one(directory, customer)
        self._swap(directory)
        names = ", ".join(sorted((*(each.contract for each in customers), *gone))[:10])
        self._tell(
            "directory_replaced",
            Level.INFO,
            revision=self._revision,
            contracts=names,
            devices=len(directory.devices),
        )

    def _with_one(self, directory: Directory, customer: Customer) -> Directory:
        try:
            return directory.with_customer(customer)
        except DirectoryError as error:
            for fault in error.faults:
                self._refuse(customer.contract, fault)
            return directory

    def _is_static(self, name: str) -> bool:
        if name in self._static:
            self._refuse(name, "the configuration has a contract of this name")
            return True
        return False

    def _refuse(self, contract: str, fault: str) -> None:
        self._tell("contract_refused", Level.ERROR, contract=contract, fault=fault)

    def _tell_failing(self, error: Exception) -> None:
        if not self._is_failing:
            self._is_failing = True
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._tell("contracts_unavailable", Level.ERROR, reason=reason)

    def _tell(self, event: str, level: Level, **fields: str | float) -> None:
        self._log(Log(event, level, {**fields}))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Let the garbage collector rest while much is built that stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
