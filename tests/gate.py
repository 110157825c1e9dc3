"""The coverage gate: what the tests leave untouched, and whether that is too much.

`python -m tests.gate` reads the combined coverage data. Packages whose bar is 100 % are listed line
by line; with `--overall` (when the shell's tests are in the data) the whole must reach its own bar.
The native twins (`_scan`, `_batch`, `_relay`) are not measured: each is held to its pure twin.
"""

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from coverage import Coverage
from coverage.exceptions import NoDataError

FULL = (
    "switch/sip",
    "switch/sdp",
    "switch/b2bua",
    "switch/notifier",
    "routing",
    "announcement",
    "media/rtp",
)
"""Covered to the last branch, by tests without sockets or clocks."""

OVERALL = 95.0
ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Tally:
    """Lines and branches of one package, and those that nothing touched."""

    measured: int = 0
    missed: int = 0
    places: list[str] = field(default_factory=list)

    @property
    def percent(self) -> float:
        """How much is covered."""
        return 100.0 if not self.measured else 100.0 * (1 - self.missed / self.measured)


def main(arguments: list[str]) -> int:
    """Print the table; return 1 when a bar is missed."""
    measured = Coverage(data_file=ROOT / ".coverage", config_file=ROOT / "pyproject.toml")
    try:
        measured.load()
        tallies = tally(measured)
    except NoDataError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 1
    lines = table(tallies)
    failures = [line for tally in full(tallies).values() for line in tally.places]
    total = whole(tallies).percent
    if "--overall" in arguments and total < OVERALL:
        failures.append(f"overall {total:.1f} % is below {OVERALL:.0f} %")
    print("\n".join([*lines, *failures]))  # noqa: T201 - a command's output
    return 1 if failures else 0


def tally(measured: Coverage) -> dict[str, Tally]:
    """Count by package."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    with TemporaryDirectory() as folder:
        document = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(document))
        files = json.loads(document.read_bytes())["files"]
    for path, found in sorted(files.items()):
        summary = found["summary"]
        own = tallies[package_of(Path(path))]
        own.measured += summary["num_statements"] + summary["num_branches"]
        own.missed += summary["missing_lines"] + summary["missing_branches"]
        own.places += [f"{path}:{line} is never run" for line in found["missing_lines"]]
        own.places += [
            f"{path}:{start} never goes on {_where(target)}"
            for start, target in found["missing_branches"]
            if start not in found["missing_lines"]
        ]
    return dict(sorted(tallies.items()))


def _where(target: int) -> str:
    return "to the end" if target < 0 else f"to line {target}"


def package_of(path: Path) -> str:
    """Name a file's package by its first two folders, at most."""
    folders = path.parts[:-1]
    return "/".join(folders[:2])


def full(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Return the packages whose bar is 100 %."""
    return {name: each for name, each in tallies.items() if name in FULL}


def whole(tallies: dict[str, Tally]) -> Tally:
    """Add up everything."""
    return Tally(
        sum(each.measured for each in tallies.values()),
        sum(each.missed for each in tallies.values()),
    )


def table(tallies: dict[str, Tally]) -> list[str]:
    """Write a line a package, and one for all."""
    rows = [*tallies.items(), ("all", whole(tallies))]
    return [
        f"{name:20} {each.percent:6.1f} %  {each.missed:5} of {each.measured:6} untouched"
        + ("  (bar 100)" if name in FULL else "")
        for name, each in rows
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
