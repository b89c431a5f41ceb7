import sqlalchemy as sa

from adapters.persistence.tables.declaring import (
    Bytes,
    Id,
    Time,
    entity_columns,
    platform_table,
)

# A request puts mails in, and can read none.
mails = platform_table(
    "mails",
    *entity_columns(),
    sa.Column("user_id", Id, index=True),
    sa.Column("content", Bytes),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("due_at", Time),
    sa.Column("waited", sa.Boolean, nullable=False),
    sa.Column("claimed_at", Time),
    sa.Column("ended_at", Time),
    sa.Column("failure", sa.Text),
    sa.Index("ended_mails", "ended_at", postgresql_where=sa.text("ended_at is not null")),
    sa.Index("waiting_mails", "due_at", "id", postgresql_where=sa.text("due_at is not null")),
    app="insert",
    worker="select, update, delete",
)
