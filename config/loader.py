"""Files and environment to settings: every fault is found before any is told.

Later files add to earlier ones: tables key by key, arrays of tables by appending. The variable
`DAIHYO_SERVER__REALM` sets `realm` of `[server]` over every file.
Relative paths count from the file that names them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from config.fault import ConfigurationError, Fault, Place, unreadable
from config.line_index import LineIndex
from config.model import Settings
from config.rule import breaches
from provisioning.breach import Breach, KeyPath, field_breaches, written
from provisioning.document import settled

PREFIX = "DAIHYO_"
OTHER_VARIABLES = frozenset({"DAIHYO_PURE", "DAIHYO_CONFIG"})
"""Variables of ours that are no settings: which code runs, and which file is read."""

MAX_FILE_OCTETS = 64 * 1024 * 1024
"""A configuration beyond this is surely the wrong file; a hundred thousand IDs need about 20 MB."""

MAX_FAULTS = 200
"""More than this nobody reads; the last line tells how many were left out."""

PATH_KEYS = frozenset({"data_dir", "certificate", "key", "ca", "prompts"})
"""The keys whose values are files, counted from the configuration file's own folder."""

Tree = dict[str, Any]


def load(files: Sequence[Path], environment: Mapping[str, str]) -> Settings:
    """Read the files and the environment; raise `ConfigurationError` with all that is wrong."""
    source = _Source()
    for file in files:
        source.read_file(file)
    source.read_environment(environment)
    settings = source.settings()
    contracts = settled(settings.contracts, settings.server.realm)
    return settings.model_copy(update={"contracts": list(contracts)})


class _Source:
    """What was read so far: one tree, where each of its keys came from, and the faults."""

    def __init__(self) -> None:
        self._tree: Tree = {}
        self._places: dict[KeyPath, Place] = {}
        self._faults: list[Fault] = []
        self._last = Place("configuration", 0)

    def read_file(self, file: Path) -> None:
        """Add a file's tables."""
        self._last = Place(str(file), 1)
        text = ""
        try:
            with file.open("rb") as stream:
                text = stream.read(MAX_FILE_OCTETS).decode()
            tree = tomllib.loads(text)
        except OSError as error:
            self._faults.append(unreadable(file, error))
        except UnicodeDecodeError:
            self._fault(self._last, "", "is not UTF-8", "save the file as UTF-8 text")
        except tomllib.TOMLDecodeError as error:
            self._faults.append(_syntax_fault(file, str(error), text))
        else:
            _anchor(tree, file.parent)
            index = LineIndex(text.replace("\r\n", "\n"))
            self._merge(self._tree, tree, (), index.entries(), str(file))

    def read_environment(self, environment: Mapping[str, str]) -> None:
        """Let `DAIHYO_…` variables override."""
        for name, value in sorted(environment.items()):
            if not name.startswith(PREFIX) or name in OTHER_VARIABLES:
                continue
            place = Place(name, 0)
            table, separator, key = name.removeprefix(PREFIX).lower().partition("__")
            field = Settings.model_fields.get(table)
            is_table = field is not None and isinstance(field.default, BaseModel)
            if not separator or not is_table:
                right = "write DAIHYO_<TABLE>__<KEY>, such as DAIHYO_SERVER__REALM"
                self._fault(place, "", "is no setting", right)
                continue
            section = self._tree.setdefault(table, {})
            if isinstance(section, dict):
                section[key] = _environment_value(value)
                self._places[table, key] = place

    def settings(self) -> Settings:
        """Make the models; raise when anything read so far is wrong."""
        settings = None
        found: list[Breach] = []
        try:
            settings = Settings.model_validate(self._tree, by_alias=True)
        except ValidationError as error:
            found += field_breaches(error, Settings)
        for breach in (*found, *breaches(self._tree)):
            right = breach.right
            if breach.first is not None:
                right += f" (first at {self._place(breach.first)})"
            self._fault(self._place(breach.path), written(breach.path), breach.wrong, right)
        if settings is None or self._faults:
            self._faults.sort(key=lambda fault: (fault.place.source, fault.place.line))
            raise ConfigurationError(_bounded(self._faults))
        return settings

    def _merge(
        self, old: Tree, new: Tree, path: KeyPath, lines: list[tuple[KeyPath, int]], file: str
    ) -> None:
        """Add `new` to the tree; the positions of appended tables shift in the places too."""
        shifts: dict[str, int] = {}
        for key, value in new.items():
            known = old.get(key)
            if isinstance(known, list) and isinstance(value, list):
                shifts[key] = len(known)
                known.extend(value)
            elif isinstance(known, dict) and isinstance(value, dict):
                self._merge(known, value, (*path, key), [], file)
            else:
                old[key] = value
        for where, line in lines:
            self._places[_shifted(where, shifts)] = Place(file, line)

    def _place(self, path: KeyPath) -> Place:
        while path:
            if path in self._places:
                return self._places[path]
            path = path[:-1]
        return self._last

    def _fault(self, place: Place, setting: str, wrong: str, right: str) -> None:
        self._faults.append(Fault(place, setting, wrong, right))


def _anchor(tree: Tree, folder: Path) -> None:
    """Make relative file names absolute, from the folder of the file that has them."""
    tables = [tree.get("server"), tree.get("tls"), tree.get("media"), *_list(tree.get("listener"))]
    for table in tables:
        if isinstance(table, dict):
            for key in PATH_KEYS & table.keys():
                if isinstance(table[key], str):
                    table[key] = str((folder / table[key]).absolute())


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _shifted(path: KeyPath, shifts: dict[str, int]) -> KeyPath:
    match path:
        case (str(name), int(position), *rest) if name in shifts:
            return (name, position + shifts[name], *rest)
        case _:
            return path


def _environment_value(value: str) -> object:
    """Read a list or a table as TOML; everything else is text that the models convert."""
    if not value.startswith(("[", "{")):
        return value
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _syntax_fault(file: Path, message: str, text: str) -> Fault:
    """Move the line out of tomllib's message: `… (at line 3, column 7)`, or the document's end."""
    wrong, _, where = message.partition(" (at ")
    digits = "".join(where.partition("line ")[2].partition(",")[0].split())
    line = int(digits) if digits.isdecimal() else text.rstrip("\n").count("\n") + 1
    right = "write it as TOML: [table] and key = value lines"
    return Fault(Place(str(file), line), "", wrong[:1].lower() + wrong[1:], right)


def _bounded(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= MAX_FAULTS:
        return faults
    rest = Fault(
        Place("configuration", 0), "", f"{len(faults) - MAX_FAULTS} more faults", "mend these first"
    )
    return [*faults[:MAX_FAULTS], rest]
