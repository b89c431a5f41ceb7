import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.tables.declaring import (
    Bytes,
    Id,
    Time,
    of_person,
    person_table,
    to_user,
    unique,
    voidable,
)

user_sessions = person_table(
    "user_sessions",
    sa.Column("device_id", Id),
    sa.Column("device_name", sa.Text),
    sa.Column("ip_address", sa.Text),
    sa.Column("user_agent", sa.Text),
    sa.Column("security_epoch", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("last_used_at", Time, nullable=False, index=True),
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("ended_at", Time),
    sa.Column("end_reason", sa.Text),
    to_user(),
)
sa.Index(
    "living_sessions",
    user_sessions.c.user_id,
    user_sessions.c.last_used_at,
    postgresql_where=user_sessions.c.ended_at.is_(None),
)

refresh_tokens = person_table(
    "refresh_tokens",
    sa.Column("session_id", Id, nullable=False),
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("issued_at", Time, nullable=False),
    sa.Column("spent_at", Time),
    of_person("session_id", "user_sessions", ondelete="CASCADE"),
    unique("user_id", "token_hash", name="refresh_token_taken"),
    sa.Index("refresh_tokens_of_session", "user_id", "session_id"),
)
sa.Index(
    "spent_refresh_tokens",
    refresh_tokens.c.spent_at,
    postgresql_where=refresh_tokens.c.spent_at.is_not(None),
)

user_devices = person_table(
    "user_devices",
    sa.Column("name", sa.Text),
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("last_used_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
    to_user(),
    unique("user_id", "token_hash", name="device_token_taken"),
)
voidable(user_devices)

personal_tokens = person_table(
    "personal_tokens",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("security_epoch", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
    sa.Column("last_used_at", Time),
    to_user(),
    unique("user_id", "token_hash", name="personal_token_taken"),
)

jwt_blacklist = person_table(
    "jwt_blacklist",
    sa.Column("expires_at", Time, nullable=False, index=True),
    sa.Column("created_at", Time, nullable=False),
    to_user(),
)
