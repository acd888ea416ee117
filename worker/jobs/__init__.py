"""What workers run. Thin: each job finds its service and calls it."""
