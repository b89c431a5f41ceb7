import sqlalchemy as sa

from adapters.persistence.tables.declaring import (
    ALL_VERBS,
    Bytes,
    Time,
    person_table,
    platform_table,
)

# Of who asked there is but a keyed hash.
rate_limits = platform_table(
    "rate_limits",
    sa.Column("key", Bytes, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("began_at", Time, nullable=False, index=True),
    app=ALL_VERBS,
    worker="",
)

# Refers to no user: those who have not signed in have keys as well.
idempotency_keys = person_table(
    "idempotency_keys",
    sa.Column("request_hash", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False, index=True),
    sa.Column("answer", Bytes),
)
