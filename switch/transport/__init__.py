"""Sockets and flows: where SIP octets come from and go to."""
