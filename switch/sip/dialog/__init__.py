"""Dialogs (RFC 3261 section 12) and the machines that live inside them."""
