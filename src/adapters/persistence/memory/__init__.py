"""Storage in memory, with the semantics of the real one: nothing is seen before it is committed,
all of it is or none, of two who change one thing the second waits or is refused, and nobody sees
what lies where they do not stand.

For the library and fast tests, up to some ten thousand rows: a question looks at all of them.
"""

from adapters.persistence.memory.rows import MemoryDatabase
from adapters.persistence.memory.unit import MemoryStorage

__all__ = ["MemoryDatabase", "MemoryStorage"]
