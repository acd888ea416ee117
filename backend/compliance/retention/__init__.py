"""Deleting what need not be kept any longer (docs/product.md P4)."""
