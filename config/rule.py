"""Rules between settings: uniqueness and references, checked on the raw tables.

They run on what was written, not on the models, so that a typing error elsewhere hides none of
them; values of a wrong type are left to the models.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from config import carrier_rule
from provisioning import rule
from provisioning.breach import Breach, KeyPath
from provisioning.draft import Draft

Table = Mapping[str, object]


def breaches(tree: Table) -> Iterator[Breach]:
    """Check every rule."""
    yield from _unique(_values(tree, "trunk", "name"), "trunk names are unique")
    yield from rule.breaches(Draft((), tree).parts("contract"), _algorithms(tree))
    yield from carrier_rule.breaches(tree)
    yield from _listeners(tree)
    yield from _outgoing_tls(tree)
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


def _algorithms(tree: Table) -> list[object]:
    security = tree.get("security")
    offered = security.get("algorithms") if isinstance(security, Mapping) else None
    return offered if isinstance(offered, list) else ["SHA-256", "MD5"]


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


def _values(tree: Table, table: str, key: str) -> list[tuple[KeyPath, str]]:
    return [
        ((*path, key), value)
        for path, found in _tables(tree, table)
        if isinstance(value := found.get(key), str)
    ]


def _tables(tree: Table, name: str) -> Iterator[tuple[KeyPath, Table]]:
    """Walk an array of tables; anything else under that name is the models' fault to find."""
    found = tree.get(name)
    if isinstance(found, list):
        for position, table in enumerate(found):
            if isinstance(table, Mapping):
                yield (name, position), table
