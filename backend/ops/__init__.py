"""What operators and their machines look at: health and metrics."""
