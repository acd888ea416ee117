"""Background jobs from the operators' side: what recurs and ran, what failed, and the page that shows it."""
