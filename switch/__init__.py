"""The softswitch: a core without I/O, the driver that pumps it, and what binds them."""
