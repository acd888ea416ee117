"""Groups: people who eat together again and again."""
