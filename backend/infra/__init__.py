"""Adapters to what lies outside the process. No rules of the product live here."""
