"""Everything that crosses the wire: HTTP, the live socket, the outbox, tokens. No Kivy in here."""
