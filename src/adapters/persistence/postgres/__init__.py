"""Storage in PostgreSQL. SQLAlchemy Core writes the SQL, at import; libpq runs it, by psycopg.

What one use case asks at once goes out in one round trip (`connections`). Core's own async engine
would do the same for several times the CPU of the query itself.
"""

from adapters.persistence.postgres.connections import Pool
from adapters.persistence.postgres.unit import PostgresStorage

__all__ = ["Pool", "PostgresStorage"]
