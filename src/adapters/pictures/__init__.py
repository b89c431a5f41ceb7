"""Pictures, decoded by Pillow in a process of their own."""
