"""Typed header field values, a module a field."""
