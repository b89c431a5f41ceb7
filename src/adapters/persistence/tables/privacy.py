import sqlalchemy as sa

from adapters.persistence.tables.declaring import Time, person_table, to_user

exports = person_table(
    "exports",
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("ended_at", Time),
    sa.Column("expires_at", Time, nullable=False, index=True),
    to_user(),
)

erasures = person_table(
    "erasures",
    sa.Column("asked_at", Time, nullable=False),
    sa.Column("erase_after", Time, nullable=False, index=True),
    to_user(),
)
