"""How much of a SIP message is read: whatever a peer could grow, and why that much is enough."""

MAX_MESSAGE = 65535
"""The largest datagram, and so the largest message on any transport."""

MAX_LINES = 256
"""Header lines of one message: several times what long route sets and vendor fields come to."""

MAX_LINE = 8192
"""Characters of one unfolded header line: certificates in Identity and long challenges fit."""

MAX_VIAS = 70
"""Max-Forwards starts at 70, so no honest request has passed more hops."""

MAX_HOPS = 255
"""The largest Max-Forwards (RFC 3261 section 20.22)."""

MAX_CONTACTS = 32
"""Contact values of one message that are read: no device of ours has more."""

MAX_URI = 4096
"""Characters of a URI: longer than any that a phone or trunk writes."""
