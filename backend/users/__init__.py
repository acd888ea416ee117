"""A user's own profile and preferences."""
