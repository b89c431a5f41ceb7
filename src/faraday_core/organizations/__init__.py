"""Organisations: the tree of districts and schools, and the roles that are held in it."""
