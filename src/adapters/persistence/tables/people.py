import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.tables.declaring import (
    Bytes,
    Id,
    Name,
    Time,
    entity_columns,
    in_tenant,
    sweepable,
    tenant_table,
    to_user,
    unique,
)

invitations = tenant_table(
    "invitations",
    *entity_columns(),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", Name, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("invited_by", Id),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
    in_tenant("organization_id", "organizations", ondelete="CASCADE"),
    # With whoever sent it: what an operator sent names nobody, and would be taken for that.
    sa.ForeignKeyConstraint(["invited_by"], ["users.id"], ondelete="CASCADE"),
    unique("tenant_id", "organization_id", "email_key", name="already_invited"),
    unique("tenant_id", "token_hash", name="invitation_token_taken"),
    sa.Index("invitations_by_person", "invited_by"),
    sa.Index("invitations_to_address", "email_key"),
    sa.Index("invitations_to_organization", "tenant_id", "organization_id", "id"),
)
sweepable(invitations)

# Of a program's token there is but what its administrators see of it; its hash is the program's.
service_accounts = tenant_table(
    "service_accounts",
    *entity_columns(),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("membership_id", Id, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
    in_tenant("organization_id", "organizations"),
    to_user(),
    sa.Index("service_accounts_of_person", "user_id"),
    sa.Index("service_accounts_of_organization", "tenant_id", "organization_id", "id"),
)
