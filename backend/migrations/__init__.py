"""The schema of what lies in MongoDB, step by step, forwards and back (docs/upgrading.md)."""
