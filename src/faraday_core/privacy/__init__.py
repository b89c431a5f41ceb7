"""Whose data it is: what is held about people, given to them, kept only so long, and erased."""
