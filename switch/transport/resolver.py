"""DNS for next hops: the questions of `locate` asked, answers kept while they live (RFC 3263)."""

import re
from asyncio import AbstractEventLoop, Future, get_running_loop, shield
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from dns.asyncresolver import Resolver as DnsResolver
from dns.exception import DNSException
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV
from dns.resolver import NXDOMAIN, Answer, NoAnswer, NoResolverConfiguration

from switch.effect import Target
from switch.transport.address import is_literal
from switch.transport.locate import (
    Addresses,
    Host,
    Kind,
    Naptr,
    Question,
    Reach,
    Record,
    Srv,
    locate,
)

MAX_ANSWERS = 4096
"""Questions whose answers are kept; the oldest goes first."""

MIN_TTL = 5.0
"""Seconds an answer is kept at least: a burst of calls to one trunk asks once."""

MAX_TTL = 3600.0

NEGATIVE_TTL = 30.0
"""Seconds the absence of a name is kept."""

FAILURE_TTL = 5.0
"""Seconds a question that no server answered is not asked again."""

STALE_TTL = 86_400.0
"""Seconds an answer outlives itself while no server answers: an old address beats none."""

MAX_RECORDS = 64
"""Records read of one answer."""


_SERVICE = re.compile(r"^_[^.]+\._[^.]+\.")


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """Where to ask, and how long to wait."""

    nameservers: tuple[str, ...] = ()
    """Addresses of name servers; none means those of the system."""
    port: int = 53
    timeout: float = 3.0
    """Seconds for one question, repetitions included."""
    hosts: Path | None = Path("/etc/hosts")
    """Names that are known without asking."""


@dataclass(slots=True)
class ResolverCounters:
    """What was asked."""

    questions: int = 0
    failures: int = 0
    """Questions that no server answered."""


@dataclass(frozen=True, slots=True)
class _Kept:
    records: tuple[Record, ...]
    until: float


class Resolver:
    """Finds next hops, from memory where it can."""

    def __init__(
        self,
        settings: ResolverSettings,
        reach: Reach,
        *,
        clock: Callable[[], float],
        random: Random,
    ) -> None:
        self.counters = ResolverCounters()
        self._reach = reach
        self._clock = clock
        self._draw = random.random
        self._timeout = settings.timeout
        self._dns = _dns_resolver(settings)
        self._static = read_hosts(settings.hosts)
        self._kept: dict[Question, _Kept] = {}
        self._asking: dict[Question, Future[None]] = {}

    def known(self, target: Target) -> Addresses | None:
        """Answer from memory, or None when DNS must be asked."""
        location = locate(target, self._reach, self._draw)
        try:
            question = next(location)
            while True:
                records = self._remembered(question)
                if records is None:
                    return None
                question = location.send(records)
        except StopIteration as stop:
            return _addresses(stop)

    async def resolve(self, target: Target) -> Addresses:
        """Find the addresses of a next hop; none when there are none."""
        location = locate(target, self._reach, self._draw)
        try:
            question = next(location)
            while True:
                question = location.send(await self._answer(question))
        except StopIteration as stop:
            return _addresses(stop)

    def forget(self) -> None:
        """Ask everything afresh."""
        self._kept.clear()

    async def _answer(self, question: Question) -> tuple[Record, ...]:
        records = self._remembered(question)
        if records is not None:
            return records
        asking = self._asking.get(question)
        if asking is not None:
            # Somebody asks this very question: one datagram serves all.
            await shield(asking)
            return self._remembered(question) or ()
        loop: AbstractEventLoop = get_running_loop()
        asking = self._asking[question] = loop.create_future()
        try:
            return await self._ask(question)
        finally:
            del self._asking[question]
            asking.set_result(None)

    def _remembered(self, question: Question) -> tuple[Record, ...] | None:
        if question.kind in {Kind.A, Kind.AAAA}:
            if is_literal(question.name):
                # Some domains name an address in SRV, against RFC 2782.
                fits = (":" in question.name) == (question.kind is Kind.AAAA)
                return (Host(question.name),) if fits else ()
            static = self._static.get(question.name)
            if static is not None:
                return tuple(
                    h for h in static if (":" in h.address) == (question.kind is Kind.AAAA)
                )
        elif _SERVICE.sub("", question.name) in self._static:
            return ()
        kept = self._kept.get(question)
        return kept.records if kept is not None and kept.until > self._clock() else None

    async def _ask(self, question: Question) -> tuple[Record, ...]:
        self.counters.questions += 1
        try:
            answer = await self._dns.resolve(
                question.name, question.kind.value, lifetime=self._timeout, search=False
            )
        except (NXDOMAIN, NoAnswer):
            return self._keep(question, (), NEGATIVE_TTL)
        except (DNSException, OSError, ValueError):
            self.counters.failures += 1
            kept = self._kept.get(question)
            stale = kept is not None and kept.until + STALE_TTL > self._clock()
            return self._keep(question, kept.records if kept and stale else (), FAILURE_TTL)
        return self._keep(question, _records(answer), _ttl(answer))

    def _keep(
        self, question: Question, records: tuple[Record, ...], ttl: float
    ) -> tuple[Record, ...]:
        self._kept.pop(question, None)
        self._kept[question] = _Kept(records, self._clock() + ttl)
        if len(self._kept) > MAX_ANSWERS:
            del self._kept[next(iter(self._kept))]
        return records


def read_hosts(path: Path | None) -> dict[str, tuple[Host, ...]]:
    """Read a file in the form of `/etc/hosts`; a file that is not there has no names."""
    try:
        text = path.read_text("utf-8", "replace") if path else ""
    except OSError:
        text = ""
    names: dict[str, tuple[Host, ...]] = {}
    for line in text.splitlines():
        address, *aliases = line.partition("#")[0].split() or [""]
        if is_literal(address) and "%" not in address:
            for alias in aliases:
                key = alias.lower()
                names[key] = (*names.get(key, ()), Host(address))
    return names


def _dns_resolver(settings: ResolverSettings) -> DnsResolver:
    try:
        resolver = DnsResolver(configure=not settings.nameservers)
    except NoResolverConfiguration:
        resolver = DnsResolver(configure=False)
    if settings.nameservers:
        resolver.nameservers = list(settings.nameservers)
        resolver.port = settings.port
    return resolver


def _records(answer: Answer) -> tuple[Record, ...]:
    records: list[Record] = []
    for data in list(answer)[:MAX_RECORDS]:
        match data:
            case A() | AAAA():
                records.append(Host(data.address))
            case SRV():
                name = data.target.to_text(omit_final_dot=True)
                server = "" if name == "." else name.lower()
                records.append(Srv(data.priority, data.weight, data.port, server))
            case NAPTR():
                name = data.replacement.to_text(omit_final_dot=True)
                flags = data.flags.decode("latin-1")
                service = data.service.decode("latin-1")
                server = "" if name == "." else name.lower()
                records.append(Naptr(data.order, data.preference, flags, service, server))
            case _:
                pass
    return tuple(records)


def _ttl(answer: Answer) -> float:
    ttl = 0.0 if answer.rrset is None else float(answer.rrset.ttl)
    return min(max(ttl, MIN_TTL), MAX_TTL)


def _addresses(stop: StopIteration) -> Addresses:
    value: Addresses = stop.value
    return value
