import sqlalchemy as sa

from adapters.persistence.tables.declaring import (
    APP_ROLE,
    IMPORT_ROLE,
    OF_ROSTER,
    THE_PERSON,
    Bytes,
    Id,
    Time,
    entity_columns,
    grant,
    importable,
    person_table,
    policy,
    tenant_table,
    to_user,
    unique,
)


def _pointer(column: str) -> sa.ForeignKeyConstraint:
    """To somebody else, who may be erased: then it points to nobody."""
    return sa.ForeignKeyConstraint([column], ["users.id"], ondelete="SET NULL")


rectifications = person_table(
    "rectifications",
    sa.Column("at", Time, nullable=False, index=True),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("changed_by", Id, index=True),
    sa.Column("old_value", Bytes),
    to_user(),
    _pointer("changed_by"),
)

consents = person_table(
    "consents",
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("text_version", sa.Text, nullable=False),
    sa.Column("granted_at", Time, nullable=False),
    sa.Column("granted_by", Id, index=True),
    sa.Column("withdrawn_at", Time, index=True),
    sa.Column("withdrawn_by", Id, index=True),
    to_user(),
    _pointer("granted_by"),
    _pointer("withdrawn_by"),
)
sa.Index(
    "current_consents",
    consents.c.user_id,
    consents.c.purpose,
    postgresql_where=consents.c.withdrawn_at.is_(None),
)

disclosures = person_table(
    "disclosures",
    sa.Column("at", Time, nullable=False, index=True),
    sa.Column("reader_id", Id, index=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    to_user(),
    _pointer("reader_id"),
)

birth_dates = person_table(
    "birth_dates",
    sa.Column("born_on", sa.Date, nullable=False),
    to_user(),
)
grant(birth_dates, IMPORT_ROLE, "select, insert, update, delete")
for _verb in ("insert", "update", "delete"):
    policy(birth_dates, f"import_{_verb}", IMPORT_ROLE, _verb, using=OF_ROSTER)

guardianships = tenant_table(
    "guardianships",
    *entity_columns(),
    sa.Column("guardian_id", Id, nullable=False),
    sa.Column("child_id", Id, nullable=False),
    sa.Column("confirmed_by", Id, index=True),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("source_root_id", Id),
    sa.Column("source_system", sa.Text),
    sa.Column("relation", sa.Text),
    sa.ForeignKeyConstraint(["guardian_id"], ["users.id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["child_id"], ["users.id"], ondelete="CASCADE"),
    _pointer("confirmed_by"),
    unique("tenant_id", "child_id", "guardian_id", name="already_guardian"),
    sa.Index("guardians_of_child", "child_id", "id"),
    sa.Index("children_of_guardian", "guardian_id", "child_id"),
)
# Either of the two sees it, in whatever tenant it was confirmed.
policy(
    guardianships,
    "own",
    APP_ROLE,
    "select",
    using=f"guardian_id = {THE_PERSON} or child_id = {THE_PERSON}",
)
importable(guardianships)
