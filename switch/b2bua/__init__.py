"""Calls: two legs joined back to back (RFC 7092)."""
