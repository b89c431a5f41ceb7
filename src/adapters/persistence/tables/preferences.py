import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.persistence.tables.declaring import (
    Time,
    entity_columns,
    person_table,
    tenant_table,
    to_user,
)

# What a person has set themselves; null, or not in its object, is what was not.
user_preferences = person_table(
    "user_preferences",
    sa.Column("theme", sa.Text),
    sa.Column("color_scheme", JSONB),
    sa.Column("font_size", sa.Text),
    sa.Column("accessibility", JSONB, nullable=False),
    sa.Column("notifications", JSONB, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("timezone", sa.Text),
    sa.Column("date_format", sa.Text),
    sa.Column("time_format", sa.Text),
    sa.Column("first_day_of_week", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("privacy", JSONB, nullable=False),
    sa.Column("consented_at", JSONB, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    to_user(),
)

# One row an organisation, under its id.
preference_defaults = tenant_table(
    "preference_defaults",
    *entity_columns(),
    sa.Column("set_values", JSONB, nullable=False),
    sa.Column("locked", ARRAY(sa.Text), nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant_id", "id"], ["organizations.tenant_id", "organizations.id"], ondelete="CASCADE"
    ),
)
