"""The softswitch: a core without I/O, the driver that pumps it, and what binds them."""

from switch.native import install

IS_COMPILED = install()
"""Whether the hot packages run compiled: before any of them is imported, it must be known."""
