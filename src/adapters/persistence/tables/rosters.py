from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.persistence.tables.declaring import (
    Id,
    Name,
    Time,
    entity_columns,
    held_fields,
    importable,
    in_tenant,
    of_source,
    tenant_table,
    to_user,
    unique,
)

_SOURCE = ("tenant_id", "source_root_id", "source_system", "source_id")


def _times() -> tuple[sa.Column[datetime], ...]:
    return (
        sa.Column("created_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
    )


academic_sessions = tenant_table(
    "academic_sessions",
    *entity_columns(),
    sa.Column("title", Name, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("type", sa.Text),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("school_year", sa.Text),
    sa.Column("parent_session_id", Id),
    sa.Column("is_active", sa.Boolean, nullable=False),
    *of_source(),
    held_fields(),
    *_times(),
    in_tenant("organization_id", "organizations"),
    in_tenant("parent_session_id", "academic_sessions"),
    unique(*_SOURCE, name="academic_session_known"),
    sa.Index("academic_sessions_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("academic_sessions_below", "tenant_id", "parent_session_id"),
    sa.Index("academic_sessions_by_source_id", "source_id", "tenant_id", "id"),
    sa.Index("academic_sessions_everywhere", "id"),
)

courses = tenant_table(
    "courses",
    *entity_columns(),
    sa.Column("title", Name, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("grades", ARRAY(sa.Text), nullable=False),
    sa.Column("subjects", ARRAY(sa.Text), nullable=False),
    sa.Column("academic_session_id", Id),
    sa.Column("is_active", sa.Boolean, nullable=False),
    *of_source(),
    held_fields(),
    *_times(),
    in_tenant("organization_id", "organizations"),
    in_tenant("academic_session_id", "academic_sessions"),
    unique(*_SOURCE, name="course_known"),
    sa.Index("courses_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("courses_in_session", "tenant_id", "academic_session_id"),
    sa.Index("courses_by_source_id", "source_id", "tenant_id", "id"),
    sa.Index("courses_everywhere", "id"),
)

classes = tenant_table(
    "classes",
    *entity_columns(),
    sa.Column("title", Name, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("course_id", Id),
    sa.Column("code", sa.Text),
    sa.Column("type", sa.Text),
    sa.Column("location", sa.Text),
    sa.Column("grades", ARRAY(sa.Text), nullable=False),
    sa.Column("subjects", ARRAY(sa.Text), nullable=False),
    sa.Column("periods", ARRAY(sa.Text), nullable=False),
    sa.Column("academic_session_ids", ARRAY(Id), nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    *of_source(),
    held_fields(),
    *_times(),
    in_tenant("organization_id", "organizations"),
    in_tenant("course_id", "courses"),
    unique(*_SOURCE, name="class_known"),
    sa.Index("classes_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("classes_of_course", "course_id", "id"),
    sa.Index("classes_by_source_id", "source_id", "tenant_id", "id"),
    sa.Index("classes_everywhere", "id"),
)

enrollments = tenant_table(
    "enrollments",
    *entity_columns(),
    sa.Column("class_id", Id, nullable=False),
    sa.Column("user_id", Id, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("is_primary", sa.Boolean, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("is_active", sa.Boolean, nullable=False),
    *of_source(),
    *_times(),
    in_tenant("class_id", "classes"),
    to_user(),
    unique("tenant_id", "class_id", "user_id", "role", name="already_enrolled"),
    sa.Index("enrollments_of_class", "tenant_id", "class_id", "id"),
    sa.Index("enrollments_of_person", "user_id", "id"),
)

import_runs = tenant_table(
    "import_runs",
    *entity_columns(),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("source_system", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("mapping", JSONB, nullable=False),
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("demographics", sa.Boolean, nullable=False),
    sa.Column("uploaded", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("plan_id", sa.Text),
    sa.Column("result", JSONB, nullable=False),
    sa.Column("problem", JSONB),
    sa.Column("started_by", Id),
    sa.Column("started_at", Time, nullable=False),
    sa.Column("applied_at", Time),
    sa.Column("undone_at", Time),
    sa.Column("file_name", sa.Text),
    sa.Column("thinned_at", Time),
    in_tenant("organization_id", "organizations"),
    sa.ForeignKeyConstraint(["started_by"], ["users.id"], ondelete="SET NULL"),
    sa.Index("import_runs_of_organization", "tenant_id", "organization_id", "id"),
    sa.Index("import_runs_by_plan", "tenant_id", "plan_id"),
    sa.Index("import_runs_by_person", "started_by"),
    sa.Index("import_runs_everywhere", "id"),
)

sa.Index(
    "import_runs_to_thin",
    import_runs.c.started_at,
    postgresql_where=import_runs.c.thinned_at.is_(None),
)

# Apart from the run, which the import itself writes in a transaction that takes long.
import_progress = tenant_table(
    "import_progress",
    *entity_columns(),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("heard_at", Time, nullable=False),
    in_tenant("id", "import_runs", ondelete="CASCADE"),
)

# What a run has changed, as it was before: by it the run is undone. With a person goes what is
# theirs of it.
import_changes = tenant_table(
    "import_changes",
    sa.Column("run_id", Id, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("row_id", Id, primary_key=True),
    sa.Column("user_id", Id),
    sa.Column("before", JSONB, nullable=False),
    in_tenant("run_id", "import_runs", ondelete="CASCADE"),
    to_user(),
    sa.Index("import_changes_of_person", "user_id"),
)

# What a run has created: some thousand ids a row, all of one table.
import_creations = tenant_table(
    "import_creations",
    sa.Column("run_id", Id, primary_key=True),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("ids", ARRAY(Id), nullable=False),
    in_tenant("run_id", "import_runs", ondelete="CASCADE"),
)

import_mappings = tenant_table(
    "import_mappings",
    *entity_columns(),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("mapping", JSONB, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    in_tenant("organization_id", "organizations", ondelete="CASCADE"),
    unique("tenant_id", "organization_id", "name", name="mapping_taken"),
)

for _table in (
    academic_sessions,
    courses,
    classes,
    enrollments,
    import_runs,
    import_changes,
    import_creations,
):
    importable(_table)
