"""Rules between trunks and routes: references, repetitions, emergency calls."""

from pathlib import Path

import pytest

from config.fault import ConfigurationError
from config.loader import load
from config.model import Settings

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


def test_routes_that_contradict_themselves_are_refused_whole(tmp_path: Path) -> None:
    text = (
        TRUNKS
        + """
[[route]]
destination = "mobile"
trunk = "a"
[[route]]
destination = "mobile"
trunk = "c"
[[route]]
destination = "emergency"
trunk = "b"
hours = ["daily 09:00-18:00"]
[[route]]
destination = "+8190"
trunk = "b"
[[route]]
destination = "090"
trunk = "b"
"""
    )
    assert faults(tmp_path, text) == [
        'daihyo.toml:14: route 2: trunk: "c" is no trunk; name a [[trunk]]',
        (
            "daihyo.toml:18: route 3: hours: close emergency calls out; "
            "a route for 110, 118 or 119 has none"
        ),
        (
            "daihyo.toml:22: route 5: repeats the route to +8190; a trunk has one route to a "
            f"destination in the same hours (first at {tmp_path}/daihyo.toml:19)"
        ),
    ]


def test_routes_that_leave_no_trunk_for_emergency_calls_are_refused(tmp_path: Path) -> None:
    text = (
        TRUNKS
        + """
[[route]]
destination = "mobile"
trunk = "a"
[[route]]
destination = "110"
trunk = "b"
"""
    )
    right = "add a route to emergency or any, or a trunk that no route names"
    assert faults(tmp_path, text) == [
        f"daihyo.toml:9: route 1: no trunk carries emergency calls to {number}; {right}"
        for number in ("118", "119")
    ]
    settings(tmp_path, text.replace('"mobile"', '"any"'))
    settings(tmp_path, text + '[[trunk]]\nname = "rest"\nhost = "192.0.2.3"\n')
