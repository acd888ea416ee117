"""Logging in with Clerk: its tokens, and what it tells of its users (docs/decisions/0012)."""
