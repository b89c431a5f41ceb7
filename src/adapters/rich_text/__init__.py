"""Markdown as people write it, and the HTML that may be shown of it."""
