"""A file of contracts: its tables, and faults with the file's name and line."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.fault import ConfigurationError, Fault, Place, unreadable
from config.line_index import LineIndex
from provisioning.breach import Breach, written
from provisioning.document import ContractError, Form, Tree, parse

MAX_FILE_OCTETS = 256 * 1024 * 1024
"""A hundred thousand numbers need about 40 MB; beyond this it is surely the wrong file."""


@dataclass(frozen=True, slots=True)
class ContractText:
    """What a file says, and where each part of it stands."""

    file: Path
    tree: Tree
    lines: LineIndex | None
    """JSON has no lines of its own; its faults name the path alone."""

    def faults(self, breaches: Iterable[Breach]) -> list[Fault]:
        """Give each fault its place."""
        found = []
        for breach in breaches:
            right = breach.right
            if breach.first is not None:
                right += f" (first at {written(breach.first)})"
            place = Place(str(self.file), self.lines.line(breach.path) if self.lines else 0)
            found.append(Fault(place, written(breach.path), breach.wrong, right))
        return found


def read_contract_file(file: Path) -> ContractText:
    """Read a file by the end of its name, `.json` or `.toml`; raise `ConfigurationError`."""
    form = Form.JSON if file.suffix.lower() == ".json" else Form.TOML
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_FILE_OCTETS).decode()
        tree = parse(text, form)
    except OSError as error:
        raise ConfigurationError([unreadable(file, error)]) from None
    except UnicodeDecodeError:
        fault = Fault(Place(str(file), 0), "", "is not UTF-8", "save the file as UTF-8 text")
        raise ConfigurationError([fault]) from None
    except ContractError as error:
        breaches = ContractText(file, {}, None).faults(error.breaches)
        raise ConfigurationError(breaches) from None
    lines = LineIndex(text.replace("\r\n", "\n")) if form is Form.TOML else None
    return ContractText(file, tree, lines)
