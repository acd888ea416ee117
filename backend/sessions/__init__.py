"""The dinner session: rules, deck, commit lane, live protocol."""
