"""The REST server: it translates requests to use cases and their answers back, and decides
nothing."""
