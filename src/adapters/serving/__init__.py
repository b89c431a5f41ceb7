"""The server's processes: one, or several on one port, from their start to a graceful stop."""
