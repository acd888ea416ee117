"""DinDin's client: `net/` talks to the server, `store/` holds the state, the rest shows it."""
