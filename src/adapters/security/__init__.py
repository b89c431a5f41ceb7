"""Passwords hashed, secrets sealed, access tokens signed: the ports of identity, by libraries."""
