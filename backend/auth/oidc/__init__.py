"""Logging in through OpenID providers: Google, Facebook, any issuer (docs/decisions/0011)."""
