"""Imports of rosters: a million rows are copied into temporary tables and compared set-wise."""

from adapters.persistence.postgres.rosters.store import PostgresRosters

__all__ = ["PostgresRosters"]
