"""Signed messages of others: taken once, in whatever order they come."""
