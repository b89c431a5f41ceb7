import psycopg
import sqlalchemy as sa


def engine_for(url: str) -> sa.Engine:
    """SQLAlchemy's engine, for migrations and nothing else; libpq reads the URL, as everywhere."""
    return sa.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sa.NullPool
    )
