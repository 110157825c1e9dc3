"""`[[route]]` and `[[trunk]]` tables as an operator writes them."""

from decimal import Decimal
from pathlib import Path

import pytest

from config.fault import ConfigurationError
from config.loader import load
from config.model import Settings
from switch.blueprint import directory

TRUNKS = """
[[trunk]]
name = "a"
host = "192.0.2.1"
[[trunk]]
name = "b"
host = "192.0.2.2"
"""


def settings(folder: Path, text: str) -> Settings:
    file = folder / "daihyo.toml"
    file.write_text(text)
    return load([file], {})


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        settings(folder, text)
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def test_routes_are_read_whole(tmp_path: Path) -> None:
    loaded = settings(
        tmp_path,
        TRUNKS
        + """
[[route]]
destination = "090"
trunk = "a"
priority = 1
weight = 3
hours = ["mon-fri 08:00-19:00"]
rate_per_minute = 15.5
[[route]]
destination = 110
trunk = "b"
[[route]]
destination = "11"
trunk = "b"
""",
    )
    first, second, _ = directory(loaded).carriers.routes
    assert str(first) == "a for +8190"
    assert (first.priority, first.weight, first.rate_per_minute) == (1, 3, Decimal("15.5"))
    assert len(first.hours.intervals) == 1
    assert str(second) == "b for 110"
    assert (second.priority, second.weight, second.rate_per_minute) == (None, None, None)


def test_what_is_no_destination_and_no_interval_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        TRUNKS
        + """
[[route]]
destination = "handies"
trunk = "a"
hours = ["always"]
[[route]]
destination = true
[[route]]
trunk = "a"
"""
    )
    told = [line.partition("; ")[0] for line in faults(tmp_path, text)]
    assert told == [
        "daihyo.toml:10: route 1: destination: 'handies' is wrong",
        "daihyo.toml:12: route 1: hours 1: 'always' is wrong",
        "daihyo.toml:13: route 2: trunk: is missing",
        "daihyo.toml:14: route 2: destination: True is wrong",
        "daihyo.toml:15: route 3: destination: is missing",
    ]


def test_a_trunks_profile_reaches_its_calls(tmp_path: Path) -> None:
    text = """
[[trunk]]
name = "a"
host = "192.0.2.1"
number_format = "e164"
called_format = "national"
did_in = "p-called-party-id"
did_prefix = "050"
trusted = false
identity = "remote-party-id"
withhold_by = "prefix"
user_phone = false
tel_uris = true
inbound_transports = ["tls"]
inbound_ports = [5061]
"""
    (trunk,) = directory(settings(tmp_path, text)).trunks
    assert trunk.called_number_format.value == "national"
    assert (trunk.did_in.value, trunk.did_prefix) == ("p_called_party_id", "050")
    assert (trunk.trusted, trunk.identity_field.value) == (False, "remote_party_id")
    assert (trunk.withholding.value, trunk.user_phone, trunk.tel_uris) == ("prefix", False, True)
    assert (trunk.transports, trunk.ports) == ({"tls"}, {5061})


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('trusted = false\nidentity = "p-asserted-identity"', "assert identities to trusted"),
        ('tel_uris = true\nnumber_format = "e164_bare"', "write numbers in tel URIs"),
        ('did_prefix = "+81"', "did_prefix"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(
    tmp_path: Path, lines: str, told: str
) -> None:
    (fault,) = faults(tmp_path, f'[[trunk]]\nname = "a"\nhost = "192.0.2.1"\n{lines}\n')
    assert told in fault
