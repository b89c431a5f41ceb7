"""When something is to be seen again."""
