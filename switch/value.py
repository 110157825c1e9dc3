"""The bases of values in modules that are compiled (see `switch.native`).

The compiler leaves out what a class statement says beside its bases, such as `frozen=True`; from a
base that is never compiled it is inherited. Write it nonetheless: the type checker reads it there.
"""

import msgspec


class Value(msgspec.Struct, frozen=True):
    """A value that never changes."""


class Atom(msgspec.Struct, frozen=True, gc=False):
    """A value that never changes and can be part of no cycle."""
