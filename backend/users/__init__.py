"""Accounts as people know them: address, name, tier, and what they like or cannot eat."""
