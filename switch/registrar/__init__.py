"""The registrar and its location service (RFC 3261 section 10)."""
