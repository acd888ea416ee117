"""Reaching issuers elsewhere, and what may be believed of what they sign."""
