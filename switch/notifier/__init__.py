"""The notifier: what devices may watch, told as it changes (RFC 6665)."""
