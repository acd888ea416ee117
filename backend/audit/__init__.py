"""The audit log: who did what, in a chain that shows when something in it was changed or is missing (P5)."""
