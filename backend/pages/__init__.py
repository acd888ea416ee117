"""The few pages a browser sees."""
