import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.persistence.tables.declaring import (
    Time,
    entity_columns,
    in_tenant,
    person_table,
    tenant_table,
    to_user,
)

user_profiles = person_table(
    "user_profiles",
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("avatar_url", sa.Text),
    sa.Column("avatar", JSONB),
    sa.Column("bio", sa.Text),
    sa.Column("location", sa.Text),
    sa.Column("website", sa.Text),
    sa.Column("social_links", JSONB, nullable=False),
    sa.Column("phone", sa.Text),
    sa.Column("job_title", sa.Text),
    sa.Column("education", JSONB, nullable=False),
    sa.Column("preferred_name", sa.Text),
    sa.Column("pronouns", sa.Text),
    sa.Column("name_pronunciation", sa.Text),
    sa.Column("visibility", JSONB, nullable=False),
    to_user(),
)

# One row an organisation, under its id.
profile_requirements = tenant_table(
    "profile_requirements",
    *entity_columns(),
    sa.Column("required_fields", ARRAY(sa.Text), nullable=False),
    sa.Column("badges", sa.Boolean),
    sa.Column("updated_at", Time, nullable=False),
    in_tenant("id", "organizations", ondelete="CASCADE"),
)
