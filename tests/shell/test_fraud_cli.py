"""`daihyo block` and `daihyo budget` against a switch that runs, and that runs again."""

import json
import signal
from pathlib import Path

from tests.shell.test_cli import configure, fetch, run, started_daemon


def test_an_operators_block_is_seen_everywhere_and_outlives_a_restart(tmp_path: Path) -> None:
    file = configure(tmp_path)
    with started_daemon(file) as daemon:
        daemon.read_until("started")
        assert run("block", "list", "-c", file) == (0, "nobody is blocked\n")
        assert run("budget", "-c", file) == (0, "nobody has called out within a day\n")
        said = run("block", "set", "101", "--abroad", "--note", "asked for", "-c", file)
        assert said == (0, "blocked device 101: abroad\n")
        assert run("block", "set", "nobody", "-c", file)[0] == 1
        assert run("block", "release", "shop", "-c", file)[0] == 1
        assert 'daihyo_blocked{reach="abroad"} 1.0' in fetch(daemon, "/metrics")[1]
        daemon.end(signal.SIGTERM)
    with started_daemon(file) as daemon:
        daemon.read_until("started")
        code, text = run("block", "list", "--json", "-c", file)
        (block,) = json.loads(text)
        assert (code, block["name"], block["note"]) == (0, "101", "asked for")
        said = run("block", "release", "101", "-c", file)
        assert said == (0, "released device 101: abroad (operator)\n")
        assert run("block", "list", "-c", file) == (0, "nobody is blocked\n")
        daemon.end(signal.SIGTERM)
