"""One switch and two phones of different stacks for the run; no test may leave anything."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from switch.sip_trace import ladder
from tests.interop.support.daemon import POLL_SECONDS, Daemon
from tests.interop.support.office import Office
from tests.interop.support.softphone import PATIENCE, Softphone

QUIET = ("daihyo_calls", "daihyo_media_endpoints", "daihyo_store_queue")
SHOUTS = {"core_fault", "loop_fault", "store_unavailable", "store_refused"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, and skip what this machine has no phones for."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.interop)
            if find_spec("baresip") is None:
                item.add_marker(pytest.mark.skip(reason="baresip-python is not installed"))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Run one switch for all."""
    office = Office(tmp_path_factory.mktemp("office"))
    try:
        yield office.start()
    finally:
        office.close()


@pytest.fixture(scope="session")
def first_phone(site: Office) -> Softphone:
    """Register a baresip phone at extension 101."""
    return site.registered("baresip", "101")


@pytest.fixture(scope="session")
def second_phone(site: Office) -> Softphone:
    """Register a pjsua phone at extension 102."""
    return site.registered("pjsua", "102")


@pytest.fixture
def office(site: Office) -> Iterator[Office]:
    """Lend the common switch; guests leave after the test, and nothing is left in the switch."""
    begin, since = len(site.daemon.lines), local_now()
    with site.guests():
        yield site
    tell(site.daemon, begin, since)
    check_quiet(site.daemon, begin)


@pytest.fixture
def begin(office: Office) -> int:
    """Remember where the log was when the test began."""
    return len(office.daemon.lines)


@pytest.fixture
def baresip(office: Office, first_phone: Softphone) -> Iterator[Softphone]:
    """Lend the common baresip phone."""
    del office
    yield from lend(first_phone)


@pytest.fixture
def pjsua(office: Office, second_phone: Softphone) -> Iterator[Softphone]:
    """Lend the common pjsua phone."""
    del office
    yield from lend(second_phone)


@pytest.fixture
def own_office(tmp_path: Path) -> Iterator[Office]:
    """Run a switch for one test that ends or starts it."""
    office = Office(tmp_path)
    try:
        yield office.start()
    finally:
        office.close()
    assert not _shouts(office.daemon, 0)


def tell(daemon: Daemon, begin: int, since: float) -> None:
    """Print what the switch logged and exchanged; pytest shows it when the test has failed."""
    for line in daemon.lines[begin:]:
        print(json.dumps(line))  # noqa: T201
    if messages := daemon.messages(since):
        print("\n".join(ladder(messages)))  # noqa: T201


def local_now() -> float:
    """Read the wall clock, as the switch's trace does."""
    return datetime.now(tz=UTC).timestamp()  # noqa: TID251


def lend(phone: Softphone) -> Iterator[Softphone]:
    """Lend a phone that has no call and says nothing, before and after."""
    phone.forget()
    phone.play(0)
    yield phone
    phone.abandon()


def check_quiet(daemon: Daemon, begin: int) -> None:
    """Check that no call, no port and no row is left, and that the core did not fail."""
    deadline = monotonic() + PATIENCE
    while (left := {name: daemon.metric(name) for name in QUIET}) and any(left.values()):
        assert monotonic() < deadline, f"left over: {left}"
        Event().wait(POLL_SECONDS)
    assert not _shouts(daemon, begin)
    opened = _calls(daemon, begin, "call_received")
    closed = ("call_ended", "call_refused", "call_joined")
    assert opened <= set().union(*(_calls(daemon, begin, event) for event in closed))


def _calls(daemon: Daemon, begin: int, event: str) -> set[object]:
    return {line.get("call_id") for line in daemon.lines[begin:] if line["event"] == event}


def _shouts(daemon: Daemon, begin: int) -> list[object]:
    return [line for line in daemon.lines[begin:] if line["event"] in SHOUTS]
