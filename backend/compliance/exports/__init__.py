"""Copies of everything about a user, to take away (docs/product.md P1)."""
