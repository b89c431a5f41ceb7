"""Profiles: what people tell of themselves, to whom, and their pictures."""
