"""A PostgreSQL of one's own, out of an installed package: started by the first process that needs
it, shared by all that do, and ended with the last."""

from adapters.persistence.embedded.joining import EmbeddedPostgres, start
from adapters.persistence.embedded.programs import EmbeddedFailed, program

__all__ = ["EmbeddedFailed", "EmbeddedPostgres", "program", "start"]
