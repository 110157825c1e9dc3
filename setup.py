"""Build the native parts. None is needed: everything runs from its source, more slowly.

`build_ext --inplace` makes the three modules in Cython, each with its Python twin. `compile` makes
the hot packages' own sources into machine code (see `switch/native.py`); a wheel holds both.
"""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

from setuptools import Command, Distribution, Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
SOURCES = {
    "switch.sip._scan": "switch/sip/_scan.pyx",
    "switch.transport._batch": "switch/transport/_batch.pyx",
    "media._relay": "media/_relay.pyx",
}


def compile_sources(root: Path) -> None:
    """Translate the sources to C, build that below `root`, and write down of which sources it is.

    Raises whatever mypyc and the C compiler raise.
    """
    wanted, os.environ["DAIHYO_PURE"] = os.environ.get("DAIHYO_PURE", ""), "1"
    if wanted:
        return
    sys.path.insert(0, str(ROOT))
    from mypyc.build import mypycify  # noqa: PLC0415 - it may not be installed

    from switch import native  # noqa: PLC0415 - only here

    place, paths, digest = native.place(root), list(native.sources()), native.digest()
    if native.is_current(root):
        return
    shutil.rmtree(place, ignore_errors=True)
    extensions = mypycify(
        ["--config-file=pyproject.toml", *paths],
        opt_level="2",
        debug_level="0",
        multi_file=True,
        separate=[
            ([path for path in paths if native.group(_name(path)) == group], group)
            for group in native.GROUPS
        ],
        target_dir="build/native",
    )
    for each in extensions:
        each.extra_compile_args.append("-fcommon")  # a group's table of the other is in each file
    jobs = []
    with ThreadPoolExecutor(len(native.GROUPS)) as pool:
        for group in native.GROUPS:
            own = [each for each in extensions if native.group(each.name) == group]
            jobs.append(pool.submit(build_group, own, place, f"build/native/{group}"))
    for job in jobs:
        job.result()
    (place / "digest").write_text(digest, encoding="ascii")


def _name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def build_group(extensions: list[Extension], place: Path, objects: str) -> None:
    """Build one library and its modules; the groups have objects of the same names."""
    build = Distribution({"name": "daihyo", "ext_modules": extensions}).get_command_obj("build_ext")
    build.build_lib, build.build_temp = str(place), objects
    build.ensure_finalized()
    build.run()


class Compile(Command):
    """Compile the hot packages, unless that was done from the sources as they are."""

    user_options: ClassVar[list[tuple[str, str | None, str]]] = []

    def initialize_options(self) -> None:
        """Take no options."""

    def finalize_options(self) -> None:
        """Take no options."""

    def run(self) -> None:
        """Compile into the source tree."""
        compile_sources(ROOT)


class BuildExt(build_ext):
    """Build the extensions; for a wheel also what `compile` compiles."""

    def run(self) -> None:
        """Build; that sources cannot be compiled is no fault."""
        super().run()
        if self.inplace or self.editable_mode:
            return
        try:
            compile_sources(Path(self.build_lib))
        except (Exception, SystemExit) as fault:  # noqa: BLE001 - whatever a compiler may raise
            self.warn(f"the hot packages were not compiled: {fault}")


if __name__ == "__main__":
    setup(
        cmdclass={"build_ext": BuildExt, "compile": Compile},
        ext_modules=[
            Extension(name, [source], optional=True, extra_compile_args=["-O2"])
            for name, source in SOURCES.items()
            if Path(source).exists()
        ],
    )
