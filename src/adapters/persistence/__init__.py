"""Where things are kept: in PostgreSQL, and, for the library and fast tests, in memory."""
