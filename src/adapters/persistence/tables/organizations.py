import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import (
    APP_ROLE,
    THE_PERSON,
    Id,
    Name,
    Time,
    entity_columns,
    in_tenant,
    policy,
    tenant_table,
    to_user,
    unique,
)

organizations = tenant_table(
    "organizations",
    *entity_columns(),
    sa.Column("name", Name, nullable=False, index=True),
    sa.Column("parent_organization_id", Id),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    in_tenant("parent_organization_id", "organizations"),
    sa.Index("organizations_below", "tenant_id", "parent_organization_id", "id"),
    sa.Index("organizations_everywhere", "id"),
)

user_organizations = tenant_table(
    "user_organizations",
    *entity_columns(),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("permissions", JSONB, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    in_tenant("organization_id", "organizations"),
    to_user(),
    unique("tenant_id", "user_id", "organization_id", "role", name="already_member"),
    sa.Index("roles_of_person", "user_id", "id"),
    sa.Index("people_of_organization", "tenant_id", "organization_id", "user_id"),
    sa.Index("roles_at_organization", "tenant_id", "organization_id", "role", "user_id"),
    sa.Index("roles_in_tenant", "tenant_id", "role", "user_id"),
    sa.Index("roles_everywhere", "role", "user_id"),
)
policy(user_organizations, "own", APP_ROLE, "select", using=f"user_id = {THE_PERSON}")

# What people are found by, in each tenant of theirs; of those in none, in nobody's.
user_terms = tenant_table(
    "user_terms",
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("term", Name, nullable=False),
    to_user(),
    unique("tenant_id", "user_id", "term", name="term_taken"),
    sa.Index("people_by_term", "tenant_id", "term", "user_id"),
    sa.Index("people_by_term_everywhere", "term", "user_id"),
)
