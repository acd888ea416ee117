"""What watches a running DinDin: Prometheus' rules, and the dashboard."""
