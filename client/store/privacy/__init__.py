"""Consents, exports, erasure, and what was recorded about the user."""
