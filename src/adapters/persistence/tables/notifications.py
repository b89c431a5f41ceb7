import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import Time, person_table, to_user

notifications = person_table(
    "notifications",
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False, index=True),
    sa.Column("outcomes", JSONB, nullable=False),
    sa.Column("shown_at", Time),
    sa.Column("send_at", Time),
    sa.Column("read_at", Time),
    to_user(),
)
_row = notifications.c
sa.Index("notifications_shown", _row.user_id, _row.shown_at, _row.id)
sa.Index(
    "notifications_unread",
    _row.user_id,
    _row.shown_at,
    _row.id,
    postgresql_where=_row.read_at.is_(None),
)
sa.Index("notifications_to_send", _row.send_at, postgresql_where=_row.send_at.is_not(None))
