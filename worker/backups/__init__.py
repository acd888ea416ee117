"""Backups of the database: made, checked, restored, rehearsed, pruned (docs/backups.md; docs/product.md O4)."""
