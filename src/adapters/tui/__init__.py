"""The support terminal: find somebody, and help them, in ten seconds."""
