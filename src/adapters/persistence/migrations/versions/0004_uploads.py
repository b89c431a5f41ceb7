"""What an uploaded roster was called."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table import_runs add column if not exists file_name text")
