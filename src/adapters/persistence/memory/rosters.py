from attrs import frozen

from adapters.persistence.memory.rows import MemoryDatabase


@frozen
class MemoryRosters:
    database: MemoryDatabase
