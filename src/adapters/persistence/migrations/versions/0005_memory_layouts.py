"""What the ranking reads out of memories, kept beside them, and vectors to be compared there."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own cursor: SQLAlchemy would read a colon or a percent sign as a parameter.
    cursor = op.get_bind().connection.cursor()
    cursor.execute("create extension if not exists btree_gin")
    cursor.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
