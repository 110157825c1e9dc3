"""Contracts as calls see them."""

from datetime import datetime
from math import inf

import pytest

from provisioning.contract import Barring, Contract
from provisioning.document import Terms, Tree, read
from provisioning.snapshot import barred, customer_of
from routing.budget import Allowance, Budget
from routing.customer import Customer
from routing.device import DEFAULT_BARRED, CalledDisplay, DeviceKind
from routing.directory import Directory
from routing.line import FaxMode, LineKind, Ringer, WhenFull
from routing.number import NumberKind
from tests.support.contract import RICH


def contract(**changes: object) -> Contract:
    tree: Tree = {"version": 1, "contract": [RICH | changes]}
    [found] = read(tree, Terms("daihyo", ("MD5",)))
    return found


def customer(**changes: object) -> Customer:
    return customer_of(contract(**changes))


def test_a_contracts_own_settings_are_its_customers() -> None:
    found = customer(suspended=True)
    assert (found.contract, found.max_calls, found.is_suspended) == ("shop", 5, True)
    assert (found.rejected, found.rejects_anonymous) == (frozenset({"+81398765432"}), True)
    assert found.budget == Allowance(Budget(calls_per_day=100), Budget(yen_per_day=0))
    assert found.channels == 2


def test_an_id_becomes_a_device() -> None:
    front, app = customer().devices
    assert (front.username, front.extension, front.number) == ("u1", "101", "+815012340001")
    assert (front.kind, app.kind) == (DeviceKind.FIXED, DeviceKind.APP)
    assert (front.caller_id, app.caller_id) == ("+81312340001", None)
    assert (front.called_display, app.called_display) == (
        CalledDisplay.DISPLAY_NAME,
        CalledDisplay.HEADER,
    )
    assert (front.max_calls, front.display_name, front.budget) == (2, "Front", None)


def test_only_granted_numbers_are_there_to_be_called() -> None:
    directory = Directory.build([customer()])
    assert directory.line("+81312340001") is not None
    assert directory.line("+81312340002") is None


def test_a_representative_number_is_a_line_with_its_ringers_and_options() -> None:
    line = Directory.build([customer()]).lines["+81312340001"]
    assert (line.kind, line.name, line.when_full) == (
        LineKind.REPRESENTATIVE,
        "Office",
        WhenFull.ANNOUNCEMENT,
    )
    assert line.ringers == (Ringer("u1", rings=False), Ringer("u2"))
    assert (line.fax, line.after_hours, line.voicemail_delay) == (FaxMode.SHARED, True, None)
    assert line.in_service_from == datetime.fromisoformat("2027-01-31T00:00+09:00").timestamp()


def test_a_direct_number_with_options_is_a_line_of_its_own() -> None:
    found = customer()
    assert [line.number for line in found.lines] == ["+815012340001", "+81312340001"]
    [direct, _] = found.lines
    assert (direct.voicemail_delay, direct.fax, direct.in_service_from) == (20, None, -inf)


def test_a_port_in_without_a_date_is_not_in_service() -> None:
    ids = [dict(RICH["id"][0], port_in={}), RICH["id"][1]]
    [direct, _] = customer(id=ids).lines
    assert direct.in_service_from == inf


def test_countries_are_those_that_both_lists_have() -> None:
    front, app = customer().devices
    assert (front.countries, app.countries) == (frozenset({"US", "KR"}), frozenset({"US"}))
    ids = [RICH["id"][0], dict(RICH["id"][1], barring={})]
    assert customer(barring={}, id=ids).devices[1].countries is None


@pytest.mark.parametrize(
    ("contract_says", "id_says", "is_barred"),
    [
        (None, None, True),
        (False, None, False),
        (None, False, False),
        (True, False, True),
        (False, True, True),
    ],
)
def test_bars_add_up_and_what_nobody_mentions_is_as_the_default(
    contract_says: bool | None,  # noqa: FBT001 - a row of the table
    id_says: bool | None,  # noqa: FBT001
    is_barred: bool,  # noqa: FBT001
) -> None:
    found = barred(Barring(international=contract_says), Barring(international=id_says))
    assert (NumberKind.INTERNATIONAL in found) == is_barred
    assert NumberKind.EMERGENCY not in found


def test_contracts_that_say_nothing_share_one_set_of_bars() -> None:
    assert barred(Barring(), Barring()) is DEFAULT_BARRED
