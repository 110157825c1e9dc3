"""Rules between trunks and routes, checked on the raw tables as those of `config.rule` are."""

from collections.abc import Iterator, Mapping

from provisioning.breach import Breach, KeyPath
from routing.destination import Destination
from routing.number import EMERGENCY_NUMBERS, Number

Table = Mapping[str, object]
Place = tuple[KeyPath, Table]


def breaches(tree: Table) -> Iterator[Breach]:
    """Check every rule of trunks and routes."""
    trunks, routes = _tables(tree, "trunk"), _tables(tree, "route")
    names = {table.get("name") for _, table in trunks}
    for path, route in routes:
        name = route.get("trunk")
        if isinstance(name, str) and name not in names:
            yield Breach((*path, "trunk"), f'"{name}" is no trunk', "name a [[trunk]]")
    yield from _repetitions(routes)
    yield from _emergency(names - {route.get("trunk") for _, route in routes}, routes)


def _repetitions(routes: list[Place]) -> Iterator[Breach]:
    seen: dict[tuple[object, ...], KeyPath] = {}
    for path, route in routes:
        destination = _destination(route)
        if destination is None:
            continue
        key = (destination, str(route.get("trunk")), str(route.get("hours", [])))
        if key in seen:
            right = "a trunk has one route to a destination in the same hours"
            yield Breach(path, f"repeats the route to {destination}", right, first=seen[key])
        seen.setdefault(key, path)


def _emergency(unrestricted: set[object], routes: list[Place]) -> Iterator[Breach]:
    """Find routes that leave a call to 110, 118 or 119 without a carrier, at any hour."""
    numbers = [Number.parse(text) for text in sorted(EMERGENCY_NUMBERS)]
    carried: set[str] = set()
    for path, route in routes:
        destination = _destination(route)
        found = {number.text for number in numbers if destination and destination.holds(number)}
        carried |= found
        if found and destination != Destination() and route.get("hours"):
            right = "a route for 110, 118 or 119 has none"
            yield Breach((*path, "hours"), "close emergency calls out", right)
    if routes and not unrestricted:
        for number in numbers:
            if number.text not in carried:
                wrong = f"no trunk carries emergency calls to {number}"
                right = "add a route to emergency or any, or a trunk that no route names"
                yield Breach(routes[0][0], wrong, right)


def _destination(route: Table) -> Destination | None:
    """Read a route's destination; what cannot be read is the model's fault to find."""
    try:
        return Destination.parse(str(route["destination"]))
    except (KeyError, ValueError):
        return None


def _tables(tree: Table, name: str) -> list[Place]:
    found = tree.get(name)
    tables = found if isinstance(found, list) else []
    return [((name, at), table) for at, table in enumerate(tables) if isinstance(table, Mapping)]
