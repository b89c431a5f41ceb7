"""Imports of rosters in memory: for a set of rows that a person could look through."""

from adapters.persistence.memory.rosters.store import MemoryRosters

__all__ = ["MemoryRosters"]
