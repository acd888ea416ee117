"""Reusable parts of the screens: they show what they are given and report touches; none knows the store."""
