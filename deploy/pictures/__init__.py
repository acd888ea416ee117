"""Makes the catalogue's pictures."""
