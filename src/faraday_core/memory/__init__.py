"""What matters about a person's learning: kept as it was given, found again, forgotten in time."""
