"""`python -m backend doctor`: looks at everything that DinDin needs, and says what to do (docs/health.md)."""
