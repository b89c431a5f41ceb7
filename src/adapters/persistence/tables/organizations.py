from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import (
    APP_ROLE,
    IMPORT_ROLE,
    THE_PERSON,
    Id,
    Name,
    Time,
    entity_columns,
    held_fields,
    importable,
    in_tenant,
    of_source,
    policy,
    tenant_table,
    to_user,
    unique,
    view,
)


def _of_a_node() -> tuple[sa.Column[Any], ...]:  # of several types
    return (
        sa.Column("description", sa.Text),
        sa.Column("name_key", Name, nullable=False),
        sa.Column("archived_at", Time),
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
    )


organizations = tenant_table(
    "organizations",
    *entity_columns(),
    sa.Column("name", Name, nullable=False, index=True),
    sa.Column("parent_organization_id", Id),
    sa.Column("merged_into_organization_id", Id),
    *_of_a_node(),
    sa.Column("type", sa.Text),
    sa.Column("identifier", sa.Text),
    *of_source(),
    held_fields(),
    in_tenant("parent_organization_id", "organizations"),
    in_tenant("merged_into_organization_id", "organizations"),
    unique("tenant_id", "source_root_id", "source_system", "source_id", name="organization_known"),
    sa.Index("organizations_below", "tenant_id", "parent_organization_id", "id"),
    sa.Index("organizations_everywhere", "id"),
)

departments = tenant_table(
    "departments",
    *entity_columns(),
    sa.Column("name", Name, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("parent_department_id", Id),
    *_of_a_node(),
    *of_source(),
    held_fields(),
    in_tenant("organization_id", "organizations"),
    in_tenant("parent_department_id", "departments"),
    unique("tenant_id", "source_root_id", "source_system", "source_id", name="department_known"),
    sa.Index("departments_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("departments_below", "tenant_id", "parent_department_id", "id"),
    sa.Index("departments_everywhere", "id"),
)

teams = tenant_table(
    "teams",
    *entity_columns(),
    sa.Column("name", Name, nullable=False),
    sa.Column("department_id", Id, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    *_of_a_node(),
    in_tenant("department_id", "departments"),
    in_tenant("organization_id", "organizations"),
    sa.Index("teams_of_department", "tenant_id", "department_id", "id"),
    sa.Index("teams_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("teams_everywhere", "id"),
)

organization_merges = tenant_table(
    "organization_merges",
    *entity_columns(),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("into_organization_id", Id, nullable=False),
    sa.Column("former_parent_id", Id, nullable=False),
    sa.Column("moved", JSONB, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("undone_at", Time),
    in_tenant("organization_id", "organizations"),
    in_tenant("into_organization_id", "organizations"),
    sa.Index("merges_of_organization", "tenant_id", "organization_id", "id"),
)

user_organizations = tenant_table(
    "user_organizations",
    *entity_columns(),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("permissions", JSONB, nullable=False),
    sa.Column("department_id", Id),
    sa.Column("team_id", Id),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("source_root_id", Id),
    sa.Column("source_system", sa.Text),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    in_tenant("organization_id", "organizations"),
    in_tenant("department_id", "departments"),
    in_tenant("team_id", "teams"),
    to_user(),
    # At each node once; an organisation's own members have neither a department nor a team.
    sa.UniqueConstraint(
        "tenant_id",
        "user_id",
        "organization_id",
        "department_id",
        "team_id",
        "role",
        name="already_member",
        postgresql_nulls_not_distinct=True,
    ),
    sa.CheckConstraint("department_id is null or team_id is null", name="held_at_one_node"),
    sa.Index("roles_of_person", "user_id", "id"),
    # With whose they are, so that they are counted from the index alone.
    sa.Index(
        "members_of_department",
        "tenant_id",
        "department_id",
        "id",
        postgresql_include=["user_id"],
        postgresql_where=sa.text("department_id is not null"),
    ),
    sa.Index(
        "members_of_team",
        "tenant_id",
        "team_id",
        "id",
        postgresql_include=["user_id"],
        postgresql_where=sa.text("team_id is not null"),
    ),
    sa.Index(
        "members_of_organization",
        "tenant_id",
        "organization_id",
        "id",
        postgresql_include=["user_id"],
        postgresql_where=sa.text("department_id is null and team_id is null"),
    ),
    sa.Index("people_of_organization", "tenant_id", "organization_id", "user_id"),
    sa.Index("roles_at_organization", "tenant_id", "organization_id", "role", "user_id"),
    sa.Index("roles_in_tenant", "tenant_id", "role", "user_id"),
    sa.Index("roles_everywhere", "role", "user_id"),
)
policy(user_organizations, "own", APP_ROLE, "select", using=f"user_id = {THE_PERSON}")
# Whether somebody belongs anywhere, and whether they rank above what a roster may touch.
policy(user_organizations, "import_sees_roles", IMPORT_ROLE, "select", using="true")
for _table in (organizations, departments, user_organizations):
    importable(_table)
# One table, since who may do what is found out in one look; two names for parts of it.
view(
    user_organizations,
    "department_members",
    "select tenant_id, id, user_id, department_id, role, permissions, starts_on, ends_on,"
    " created_at, updated_at from user_organizations where department_id is not null",
)
view(
    user_organizations,
    "team_members",
    "select tenant_id, id, user_id, team_id, role, permissions, starts_on, ends_on,"
    " created_at, updated_at from user_organizations where team_id is not null",
)

# What people are found by, in each tenant of theirs; of those in none, in nobody's.
user_terms = tenant_table(
    "user_terms",
    sa.Column("user_id", Id, primary_key=True),
    sa.Column("term", Name, primary_key=True),
    to_user(),
    # As they are looked for: a district has a million of them, and each index has its price.
    sa.PrimaryKeyConstraint("tenant_id", "term", "user_id"),
    sa.Index("terms_of_person", "user_id", "tenant_id", "term"),
    sa.Index("people_by_term_everywhere", "term", "user_id"),
)
importable(user_terms)
