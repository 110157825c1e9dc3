"""Carrier trunks: client registration, pings and their health."""
