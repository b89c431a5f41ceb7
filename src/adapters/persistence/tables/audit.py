import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import (
    WORKER_ROLE,
    Bytes,
    Id,
    Time,
    entity_columns,
    grant,
    policy,
    tenant_table,
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
    unique("tenant_id", "sequence", name="sequence_taken"),
    sa.Index("audit_log_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("audit_log_everywhere", "id"),
    verbs="select, insert",
)
sa.Index(
    "unsealed_audit_log",
    audit_log.c.tenant_id,
    audit_log.c.id,
    postgresql_where=audit_log.c.sequence.is_(None),
)
grant(audit_log, WORKER_ROLE, "update (sequence, seal, seal_key)")
policy(audit_log, "seal_once", WORKER_ROLE, "update", using="sequence is null", check="true")

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
