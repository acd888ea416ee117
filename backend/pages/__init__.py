"""The few pages a browser sees: what this is, and what an invite link leads to."""
