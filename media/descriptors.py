"""File descriptors: a relay needs four a call, more than a process is allowed by default."""

import resource
from contextlib import suppress

SPARE = 1024
"""For all that is not media: signalling connections, files, the database."""


def claim_descriptors(sockets: int) -> int:
    """Raise the soft limit for so many sockets, as far as the hard one lets; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + SPARE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
