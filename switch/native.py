"""Which modules run compiled: those that were compiled from exactly the sources that are here.

`setup.py compile` makes the sources of the hot packages, as they are, into machine code in
`_native`, and writes a digest of them beside it. The compiled modules call each other directly, so
they count as one: when any source has been edited since, all run from their sources.
`DAIHYO_PURE=1` leaves everything native out, `DAIHYO_PURE=source` these modules alone.
"""

import os
import sys
from collections.abc import Sequence
from hashlib import blake2b
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent

GROUPS = ("daihyo_sip", "daihyo_core")
"""Libraries that hold the code, two so that two compilers work; modules are names in them."""

_PACKAGES = ("sip", "sdp", "b2bua", "guard", "registrar", "trunk")
_STAYS_SOURCE = b"msgspec.Struct"
"""What a module says that runs from its source (see `switch.value`)."""


def sources(root: Path = ROOT) -> dict[str, bytes]:
    """Return the modules to compile: their texts by their paths from the root."""
    switch = root / "switch"
    paths = [switch / "core.py"]
    for package in _PACKAGES:
        paths += sorted((switch / package).rglob("*.py"))
    texts = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.name != "__init__.py"
    }
    return {path: text for path, text in texts.items() if _STAYS_SOURCE not in text}


def group(name: str) -> str:
    """Return the library that a module's code goes to, or that is itself named."""
    return GROUPS[0] if name.startswith(("switch.sip.", GROUPS[0])) else GROUPS[1]


def place(root: Path = ROOT) -> Path:
    """Return where what was compiled for this Python lies."""
    return root / "switch" / "_native" / str(sys.implementation.cache_tag)


def digest(root: Path = ROOT) -> str:
    """Return what the sources come to now: their paths and texts, and the version of Python."""
    found = blake2b(sys.version.encode(), digest_size=16)
    for path, text in sources(root).items():
        found.update(f"\n{path} {len(text)}\n".encode())
        found.update(text)
    return found.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Tell whether there are compiled modules, and of the sources as they are."""
    try:
        return (place(root) / "digest").read_text(encoding="ascii") == digest(root)
    except OSError:
        return False


class NativeFinder(MetaPathFinder):
    """Finds compiled modules before their sources are looked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return where a compiled module lies; None for every other."""
        del path
        if not fullname.startswith(("switch.", *GROUPS)):
            return None
        parents = fullname.split(".")[:-1]
        spec = PathFinder.find_spec(fullname, [str(self._folder.joinpath(*parents))], target)
        return spec if spec is not None and spec.has_location else None


def install(root: Path = ROOT) -> bool:
    """Let the compiled modules be found where they may be; return whether they are."""
    may = not os.environ.get("DAIHYO_PURE") and is_current(root)
    if may:
        sys.meta_path.insert(0, NativeFinder(place(root)))
    return may
