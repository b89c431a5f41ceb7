"""Preferences: how somebody wants the product to look, to speak, to call and to keep quiet."""
