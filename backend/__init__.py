"""DinDin's API: one Flask app, run as many identical processes."""
