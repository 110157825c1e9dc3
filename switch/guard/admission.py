"""Admission: how much anyone may ask of the switch before having proved who it is.

The limits are per source, because that is all that is known of a stranger, and everything
remembered of a source is bounded. Wrong passwords, unknown users and unknown methods are counted
alike: what happens to a sender tells it nothing about which users exist. Requests that prove right
are given back to the allowance, so that an office behind one address may be as large as it likes.

Failures silence one user name at one source first, so that a mistyped phone is alone in it. The
whole source is banned for many user names, or many failures; even then the flows on which devices
are registered go on, until failures come from those as well.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

MAX_SOURCES = 65_536
"""Remembered sources, some 16 MB. The longest silent is forgotten first: by then its allowance has
grown back, unless more sources than this speak within seconds."""

MAX_BANS = 65_536
"""Bans at once, kept apart so that a flood of new sources cannot wash them out; some 8 MB."""

MAX_USERS = 65_536
"""User names remembered to have failed at a source, some 20 MB; the oldest goes first."""

USER_LENGTH = 64
"""Characters of a user name that are looked at; none of ours is longer."""

NAMES_BEFORE_BAN = 10
"""Different user names that may fail at one source; one is forgotten a minute."""

FAILURES_A_NAME = 5
"""A source stands so many times the failures of one user name; without a name each weighs as much.
"""

REFUSALS_PER_SECOND = 100.0
"""Refusals past the limit of the whole switch: they tell phones to wait, and are little work."""

SECONDS_PER_FORGIVEN_FAILURE = 6.0
"""How fast failures are forgiven to a source that also proves right: ten a minute."""

Key = TypeVar("Key")
Value = TypeVar("Value")

_SCANNER = re.compile(
    r"friendly|scanner|sipcli|sipvicious|vaxsipuseragent|pplsip|sundayddr|sip-scan", re.IGNORECASE
)
_SCANNER_LENGTH = 256


class Verdict(Enum):
    """What to do with a request."""

    ADMIT = "admit"
    REFUSE = "refuse"
    """Answer 503 with Retry-After, and keep nothing."""
    IGNORE = "ignore"
    """Answer nothing: an answer would be work for us, and news for a scanner."""


class Ban(Enum):
    """What a failure has brought."""

    USER = "user"
    """This user name is not listened to at this source."""
    SOURCE = "source"
    """Nothing of the source is listened to but registered devices' flows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates in requests a second, bursts in requests."""

    requests_per_second: float = 20.0
    request_burst: int = 60
    """Of one source: a small office after a power cut."""
    total_per_second: float = 5_000.0
    total_burst: int = 10_000
    failures_before_ban: int = 20
    """Of one user name at one source, or of a source without a user name."""
    seconds_per_failure: float = 60.0
    """How fast failures are forgotten: a phone with an old password is slow, a guesser is not."""
    ban_seconds: float = 300.0


class _Bucket:
    """An allowance that grows back."""

    __slots__ = ("_at", "_burst", "_rate", "left")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._at = now
        self.left = burst

    def take(self, now: float) -> bool:
        """Take one; tell whether one was left."""
        self.left = min(self._burst, self.left + (now - self._at) * self._rate)
        self._at = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True

    def give_back(self, count: float) -> None:
        """Return what was taken for nothing."""
        self.left = min(self._burst, self.left + count)


class _Source:
    """What is remembered of one source."""

    __slots__ = ("failures", "names", "passed_at", "requests")

    def __init__(self, limits: Limits, now: float) -> None:
        forgiven = 1 / limits.seconds_per_failure
        bound = limits.failures_before_ban * FAILURES_A_NAME
        self.requests = _Bucket(limits.requests_per_second, limits.request_burst, now)
        self.failures = _Bucket(forgiven * FAILURES_A_NAME, bound, now)
        self.names = _Bucket(forgiven, NAMES_BEFORE_BAN, now)
        self.passed_at = now

    def fail(self, now: float, *, is_named: bool, is_new: bool) -> bool:
        """Count a failure; tell whether it was one too many."""
        for _ in range(1 if is_named else FAILURES_A_NAME):
            if not self.failures.take(now):
                return True
        return is_new and not self.names.take(now)


@dataclass(slots=True)
class _SourceBan:
    """A source that is not listened to."""

    until: float
    spares: bool = True
    """Whether registered devices' flows are."""


class Admission:
    """Judges requests by where they come from."""

    def __init__(
        self,
        limits: Limits,
        *,
        exempt: Iterable[str] = (),
        max_sources: int = MAX_SOURCES,
        max_bans: int = MAX_BANS,
    ) -> None:
        """Exempt address literals and networks: those of trunks, which have limits of their own."""
        self._limits = limits
        self._max_sources = max_sources
        self._max_bans = max_bans
        self._sources: dict[str, _Source] = {}
        self._bans: dict[str, _SourceBan] = {}
        self._users: dict[tuple[str, str], _Bucket] = {}
        """Failures by source and user name; the last is the last that failed."""
        self._user_bans: dict[tuple[str, str], float] = {}
        self._total = _Bucket(limits.total_per_second, limits.total_burst, 0.0)
        self._refusals = _Bucket(REFUSALS_PER_SECOND, REFUSALS_PER_SECOND, 0.0)
        self.forgotten = 0
        """Sources forgotten for want of room."""
        self.exempt(exempt)

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def banned(self) -> int:
        """How many sources are banned, counting bans that nobody has tried since they ended."""
        return len(self._bans)

    @property
    def silenced(self) -> int:
        """How many user names are silenced at a source, counted in the same way."""
        return len(self._user_bans)

    def exempt(self, sources: Iterable[str]) -> None:
        """Replace the exempt sources."""
        self._exempt = Networks(sources)

    def admit(
        self, host: str, now: float, is_registered: Callable[[], bool] = lambda: False
    ) -> Verdict:
        """Judge one request; a ban asks whether a device is registered on its flow."""
        if host in self._exempt:
            return Verdict.ADMIT
        key = source_of(host)
        ban = self._ban(key, now)
        if ban is not None and not (ban.spares and is_registered()):
            return Verdict.IGNORE
        if not self._source(key, now).requests.take(now):
            return Verdict.IGNORE
        if self._total.take(now):
            return Verdict.ADMIT
        return Verdict.REFUSE if self._refusals.take(now) else Verdict.IGNORE

    def failed(self, host: str, now: float, user: str | None = None) -> Ban | None:
        """Count a failure of credentials, for a user name, or of method; return what it brought."""
        if host in self._exempt:
            return None
        key = source_of(host)
        pair = None if user is None else (key, user[:USER_LENGTH])
        is_new = pair is not None and pair not in self._users
        if self._source(key, now).fail(now, is_named=pair is not None, is_new=is_new):
            earlier = self._ban(key, now)
            until = now + self._limits.ban_seconds
            # Failures past a ban come from a flow that it spared, or were under way.
            _put(self._bans, key, _SourceBan(until, spares=earlier is None), self._max_bans)
            del self._sources[key]
            return Ban.SOURCE
        if pair is None or self._user(pair, now).take(now):
            return None
        _put(self._user_bans, pair, now + self._limits.ban_seconds, self._max_bans)
        del self._users[pair]
        return Ban.USER

    def is_silenced(self, host: str, user: str, now: float) -> bool:
        """Tell whether a user name is not listened to at a source, whatever it says."""
        if not self._user_bans or host in self._exempt:
            return False
        pair = source_of(host), user[:USER_LENGTH]
        until = self._user_bans.get(pair)
        if until is not None and now >= until:
            del self._user_bans[pair]
        return until is not None and now < until

    def passed(self, host: str, now: float) -> None:
        """Give back what a request that proved right has used: its own share and its challenge's.

        Some failures are forgiven too, so that one phone with an old password does not silence its
        office; but few, so that an account does not buy its owner guesses at others.
        """
        if host in self._exempt:
            return
        source = self._source(source_of(host), now)
        source.requests.give_back(2)
        forgiven = (now - source.passed_at) / SECONDS_PER_FORGIVEN_FAILURE
        source.failures.give_back(forgiven * FAILURES_A_NAME)
        source.passed_at = now
        self._total.give_back(2)

    def _ban(self, key: str, now: float) -> _SourceBan | None:
        ban = self._bans.get(key)
        if ban is not None and now >= ban.until:
            del self._bans[key]
            return None
        return ban

    def _user(self, pair: tuple[str, str], now: float) -> _Bucket:
        """Return the failures of a user name, which is now the last that failed."""
        bucket = self._users.get(pair)
        if bucket is None:
            limits = self._limits
            bucket = _Bucket(1 / limits.seconds_per_failure, limits.failures_before_ban, now)
        _put(self._users, pair, bucket, MAX_USERS)
        return bucket

    def _source(self, key: str, now: float) -> _Source:
        """Return what is known of a source, which is now the last that was heard."""
        sources = self._sources
        source = sources.pop(key, None)
        if source is None:
            if len(sources) >= self._max_sources:
                del sources[next(iter(sources))]
                self.forgotten += 1
            source = _Source(self._limits, now)
        sources[key] = source
        return source


def _put(table: dict[Key, Value], key: Key, value: Value, bound: int) -> None:
    """Put an entry last, at the cost of the first when the table is full."""
    table.pop(key, None)
    if len(table) >= bound:
        del table[next(iter(table))]
    table[key] = value


class Networks:
    """A set of address literals and networks."""

    def __init__(self, texts: Iterable[str]) -> None:
        networks = [ip_network(text, strict=False) for text in texts]
        self._hosts = {str(network[0]) for network in networks if network.num_addresses == 1}
        self._networks = [network for network in networks if network.num_addresses > 1]

    def __contains__(self, host: str) -> bool:
        if host in self._hosts:
            return True
        if not self._networks:
            return False
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


@lru_cache(maxsize=4096)
def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def source_of(host: str) -> str:
    """Return what counts as one source: an IPv4 address, or the /64 that one IPv6 site has."""
    if ":" not in host:
        return host
    address = _address(host)
    if not isinstance(address, IPv6Address):
        return host
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else address.packed[:8].hex()


def is_scanner(user_agent: str | None) -> bool:
    """Tell whether a User-Agent is that of a known scanner, which no phone of ours has."""
    return user_agent is not None and _names_scanner(user_agent[:_SCANNER_LENGTH])


@lru_cache(maxsize=1024)
def _names_scanner(user_agent: str) -> bool:
    return _SCANNER.search(user_agent) is not None
