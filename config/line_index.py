"""Where each key of a TOML text stands: the lines that `tomllib` does not tell (TOML 1.0).

`tomllib` checks the text and gives the values; this index is only ever read for a text it accepted,
so it may be simple: it follows table headers, keys and open brackets, and skips everything else. A
parser that keeps positions was looked for: tomlkit keeps the text's form, not public line numbers.
"""

import re

from provisioning.breach import KeyPath

_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_SKIPPED = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*''',
    re.DOTALL,
)


class LineIndex:
    """The lines of a TOML text's tables and keys, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines: dict[KeyPath, int] = {}
        self._sizes: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._depth = 0
        # Strings and comments are blanked to equal length and equal line count, except in the copy
        # that keys are read from; a bracket or an equals sign inside them then misleads nobody.
        bare = _SKIPPED.sub(_blank, text)
        for number, (line, shadow) in enumerate(
            zip(text.split("\n"), bare.split("\n"), strict=True), start=1
        ):
            self._read(line, shadow, number)

    def line(self, path: KeyPath) -> int:
        """Find the line of the path, or of the nearest table around it; 1 when nothing is known."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1

    def entries(self) -> list[tuple[KeyPath, int]]:
        """List every known path with its line."""
        return list(self._lines.items())

    def _read(self, line: str, shadow: str, number: int) -> None:
        if self._depth == 0:
            if shadow.lstrip().startswith("["):
                self._enter(line.lstrip(), number)
                return
            equals = shadow.find("=")
            if equals >= 0:
                self._note(self._table, _parts(line[:equals]), number)
        self._depth += sum(map(shadow.count, "[{")) - sum(map(shadow.count, "]}"))

    def _enter(self, header: str, number: int) -> None:
        is_array = header.startswith("[[")
        *parents, last = _parts(header.lstrip("["))
        path: KeyPath = ()
        for part in parents:
            path = self._latest((*path, part))
        path = (*path, last)
        if is_array:
            position = self._sizes.get(path, 0)
            self._sizes[path] = position + 1
            self._lines.setdefault(path, number)
            path = (*path, position)
        self._table = path
        self._lines.setdefault(path, number)

    def _latest(self, path: KeyPath) -> KeyPath:
        """Step into the newest element when the path is an array of tables."""
        size = self._sizes.get(path)
        return path if size is None else (*path, size - 1)

    def _note(self, table: KeyPath, parts: list[str], number: int) -> None:
        for end in range(1, len(parts) + 1):
            self._lines.setdefault((*table, *parts[:end]), number)


def _parts(text: str) -> list[str]:
    """Split a dotted key, up to the bracket or equals sign that ends it."""
    found = []
    position = 0
    while match := _KEY_PART.match(text, position):
        found.append(match[1] or match[2] or match[3] or "")
        position = match.end()
        if not text.startswith(".", position):
            break
        position += 1
    return found or [""]


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "_", match[0]) if match[0][0] != "#" else " " * len(match[0])
