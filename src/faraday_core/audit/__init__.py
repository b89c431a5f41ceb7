"""What was done, by whom, to whom: appended, chained, and never changed."""
