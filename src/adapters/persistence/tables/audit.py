import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import (
    WORKER_ROLE,
    Bytes,
    Id,
    Time,
    entity_columns,
    grant,
    platform_table,
    policy,
    tenant_table,
    to_user,
    unique,
)

# Written once. Nobody may change or remove an entry; a worker may give an unsealed one its place.
audit_log = tenant_table(
    "audit_log",
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Time, nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("target_type", sa.Text, nullable=False),
    sa.Column("target_id", Id),
    sa.Column("organization_id", Id),
    sa.Column("request_id", sa.Text),
    sa.Column("ip_address", sa.Text),
    sa.Column("details", JSONB, nullable=False),
    sa.Column("sequence", sa.BigInteger),
    sa.Column("seal", Bytes),
    sa.Column("seal_key", sa.Text),
    sa.Column("sealed_origin", Bytes),
    sa.Column("sealed_details", Bytes),
    unique("tenant_id", "sequence", name="sequence_taken"),
    sa.Index("audit_log_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("audit_log_everywhere", "id"),
    sa.Index("audit_log_by_actor", "actor_id", "id"),
    sa.Index("audit_log_by_target", "target_id", "id"),
    verbs="select, insert",
)
sa.Index(
    "unsealed_audit_log",
    audit_log.c.tenant_id,
    audit_log.c.id,
    postgresql_where=audit_log.c.sequence.is_(None),
)
# With its place it loses what it tells of people, which is sealed by their keys.
_GIVEN = "sequence, seal, seal_key, sealed_origin, sealed_details"
_TAKEN = "actor_id, target_id, request_id, ip_address, details"
grant(audit_log, WORKER_ROLE, f"update ({_GIVEN}, {_TAKEN})")
policy(audit_log, "seal_once", WORKER_ROLE, "update", using="sequence is null", check="true")

# A key is sealed, and says nothing by itself; with the account's row it is gone.
personal_keys = platform_table(
    "personal_keys",
    *entity_columns(),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("key", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    to_user(),
    unique("user_id", name="personal_key_taken"),
    app="select, insert",
    worker="delete",
)

audit_heads = tenant_table(
    "audit_heads",
    *entity_columns(),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("seal", Bytes, nullable=False),
    sa.Column("seal_key", sa.Text, nullable=False),
    sa.Column("signature", Bytes, nullable=False),
    verbs="select",
)
grant(audit_heads, WORKER_ROLE, "insert, update")
policy(audit_heads, "seal", WORKER_ROLE, "all", using="true")
