"""SIP messages, transactions and dialogs (RFC 3261), without I/O."""
