"""Sign-in: people, sessions, organisations, the audit log, mails, limits, and jobs."""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A request may defer a job and read nothing of any; a worker does all that procrastinate does.
_JOBS = """
grant insert on procrastinate_jobs, procrastinate_events to faraday_app;
grant select (id) on procrastinate_jobs to faraday_app;
grant usage on sequence procrastinate_jobs_id_seq, procrastinate_events_id_seq to faraday_app;
grant select, insert, update, delete on procrastinate_jobs, procrastinate_events,
  procrastinate_periodic_defers, procrastinate_workers to faraday_worker;
grant usage on all sequences in schema public to faraday_worker;
"""


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would read a colon or a percent sign as a parameter.
    cursor = op.get_bind().connection.cursor()
    for extension in ("vector", "pg_trgm", "unaccent"):
        cursor.execute(f"create extension if not exists {extension}")
    cursor.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    cursor.execute(SchemaManager.get_schema())
    cursor.execute(_JOBS)
