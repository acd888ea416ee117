"""Past sessions, the inbox as a list, one group in full, one's own name."""
