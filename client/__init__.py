"""DinDin's client: `net/` talks to the server, `store/` holds the state, the rest shows it."""

VERSION = "0.1.0"
RELEASE = f"dindin-client@{VERSION}"
"""What error reports call this version."""
