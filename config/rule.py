"""Rules between settings: uniqueness and references, checked on the raw tables.

They run on what was written, not on the models, so that a typing error elsewhere hides none of
them; values of a wrong type are left to the models.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.line_index import KeyPath
from config.model import e164

Table = Mapping[str, object]

HA1_HEX_DIGITS = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
"""How long an HA1 is in hexadecimal digits, by algorithm (RFC 8760)."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that is broken at a path; `first` is the other place when two settings collide."""

    path: KeyPath
    wrong: str
    right: str
    first: KeyPath | None = None


def breaches(tree: Table) -> Iterator[Breach]:
    """Check every rule."""
    yield from _unique(_values(tree, "contract", "name"), "contract names are unique")
    yield from _unique(_values(tree, "trunk", "name"), "trunk names are unique")
    yield from _unique(_identity_values(tree, "username", str), "usernames are unique")
    yield from _unique(_identity_values(tree, "number", _number), "a number belongs to one ID")
    for path, contract in _tables(tree, "contract"):
        values = [
            ((*path, *inner, "extension"), str(identity["extension"]))
            for inner, identity in _tables(contract, "id")
            if "extension" in identity
        ]
        yield from _unique(values, "extensions are unique within a contract")
    yield from _listeners(tree)
    yield from _outgoing_tls(tree)
    yield from _secrets(tree)
    yield from _session_timer(tree)


def _unique(values: list[tuple[KeyPath, str]], rule: str) -> Iterator[Breach]:
    seen: dict[str, KeyPath] = {}
    for path, value in values:
        if value in seen:
            yield Breach(path, f'"{value}" is taken', rule, first=seen[value])
        seen.setdefault(value, path)


def _listeners(tree: Table) -> Iterator[Breach]:
    seen: dict[tuple[object, object, object], KeyPath] = {}
    for path, listener in _tables(tree, "listener"):
        socket = "udp" if listener.get("transport") == "udp" else "tcp"
        host, port = listener.get("host", "0.0.0.0"), listener.get("port", 5060)  # noqa: S104 - the default
        if port and (socket, host, port) in seen:
            first = seen[socket, host, port]
            yield Breach(path, f"{host}:{port} is taken", "each listener has its own port", first)
        seen.setdefault((socket, host, port), path)
        if listener.get("transport") == "tls":
            yield from _certificate(path, listener)


def _certificate(path: KeyPath, listener: Table) -> Iterator[Breach]:
    for key in ("certificate", "key"):
        if listener.get(key) is None:
            yield Breach(path, f"no {key}", f"a TLS listener has {key} = <PEM file>")
    yield from _readable(path, listener)


def _outgoing_tls(tree: Table) -> Iterator[Breach]:
    tls = tree.get("tls")
    if isinstance(tls, Mapping):
        if tls.get("key") is not None and tls.get("certificate") is None:
            yield Breach(("tls", "key"), "no certificate", "a key has its certificate beside it")
        yield from _readable(("tls",), tls)


def _readable(path: KeyPath, table: Table) -> Iterator[Breach]:
    for key in ("certificate", "key", "ca"):
        file = table.get(key)
        if isinstance(file, str) and not os.access(file, os.R_OK):
            missing = "cannot be read" if Path(file).exists() else "does not exist"
            yield Breach((*path, key), f"{file} {missing}", "name a readable PEM file")


def _secrets(tree: Table) -> Iterator[Breach]:
    security = tree.get("security")
    offered = security.get("algorithms") if isinstance(security, Mapping) else None
    algorithms = offered if isinstance(offered, list) else ["SHA-256", "MD5"]
    for path, identity in _identities(tree):
        password, hashes = identity.get("password"), identity.get("ha1")
        if (password is None) == (hashes is None):
            wrong = "neither password nor ha1" if password is None else "both password and ha1"
            yield Breach(path, wrong, "an ID has one of them")
        if isinstance(hashes, Mapping):
            yield from _hashes((*path, "ha1"), hashes, algorithms)


def _hashes(path: KeyPath, hashes: Table, algorithms: list[object]) -> Iterator[Breach]:
    for algorithm in algorithms:
        if algorithm not in hashes:
            right = "give one for each of security.algorithms"
            yield Breach(path, f"no HA1 for {algorithm}", right)
    for algorithm, value in hashes.items():
        digits = HA1_HEX_DIGITS.get(algorithm, 0)
        if digits and not _is_hexadecimal(value, digits):
            yield Breach((*path, algorithm), "is no HA1", f"write {digits} hexadecimal digits")


def _session_timer(tree: Table) -> Iterator[Breach]:
    timers = tree.get("timers")
    if not isinstance(timers, Mapping):
        return
    expires = timers.get("session_expires", 1800)
    least = timers.get("min_session_expires", 90)
    if isinstance(expires, int) and isinstance(least, int) and expires < least:
        yield Breach(
            ("timers", "session_expires"),
            f"{expires} is below min_session_expires, {least}",
            "session_expires is the longer of the two",
        )


def _is_hexadecimal(value: object, digits: int) -> bool:
    return (
        isinstance(value, str)
        and len(value) == digits
        and set(value.lower()) <= set("0123456789abcdef")
    )


def _number(value: str) -> str | None:
    try:
        return e164(value)
    except ValueError:
        return None


def _values(tree: Table, table: str, key: str) -> list[tuple[KeyPath, str]]:
    return [
        ((*path, key), value)
        for path, found in _tables(tree, table)
        if isinstance(value := found.get(key), str)
    ]


def _identity_values(
    tree: Table, key: str, normal: Callable[[str], str | None]
) -> list[tuple[KeyPath, str]]:
    found = []
    for path, identity in _identities(tree):
        value = identity.get(key)
        text = normal(str(value)) if isinstance(value, str | int) else None
        if text is not None:
            found.append(((*path, key), text))
    return found


def _identities(tree: Table) -> Iterator[tuple[KeyPath, Table]]:
    for path, contract in _tables(tree, "contract"):
        for inner, identity in _tables(contract, "id"):
            yield (*path, *inner), identity


def _tables(tree: Table, name: str) -> Iterator[tuple[KeyPath, Table]]:
    """Walk an array of tables; anything else under that name is the models' fault to find."""
    found = tree.get(name)
    if isinstance(found, list):
        for position, table in enumerate(found):
            if isinstance(table, Mapping):
                yield (name, position), table
