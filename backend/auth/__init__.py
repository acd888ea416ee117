"""Proving who somebody is: passwords, signed tokens, and the log-ins behind them."""
