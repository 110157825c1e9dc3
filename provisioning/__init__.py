"""Contracts: what customers have, the rules that it keeps, and where it is stored."""
