"""What every context stands on: identities, errors, bounds, pages, access, units of work."""
