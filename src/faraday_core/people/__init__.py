"""People as administrators and support staff see them: accounts with roles in organisations."""
