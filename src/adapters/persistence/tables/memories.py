"""Memories, their earlier versions, what was done with them, and who else may read them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.persistence.tables.declaring import (
    APP_ROLE,
    THE_PERSON,
    Bytes,
    HalfVector,
    Id,
    Name,
    Time,
    entity_columns,
    in_tenant,
    of_person,
    own_view,
    person_table,
    policy,
    tenant_table,
    to_user,
    unique,
)

user_memories = person_table(
    "user_memories",
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("category", Name),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("context", JSONB, nullable=False),
    sa.Column("importance_score", sa.Double, nullable=False),
    sa.Column("importance_given", sa.Boolean, nullable=False),
    sa.Column("access_count", sa.Integer, nullable=False),
    sa.Column("last_accessed", Time),
    sa.Column("expires_at", Time),
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("supersedes", Id),
    sa.Column("summary_id", Id),
    sa.Column("repetitions", sa.Integer, nullable=False),
    sa.Column("helpful", sa.Integer, nullable=False),
    sa.Column("unhelpful", sa.Integer, nullable=False),
    sa.Column("text_hash", Bytes, nullable=False),
    sa.Column("deleted_at", Time),
    sa.Column("changed", sa.BigInteger, nullable=False),
    to_user(),
    sa.Index("memories_by_change", "user_id", "changed"),
    sa.Index("memories_by_category", "user_id", "category", "id"),
    sa.Index("memories_by_text", "user_id", "text_hash"),
)
_MEMORY = user_memories.c
_THERE = _MEMORY.deleted_at.is_(None)
sa.Index("memories_listed", _MEMORY.user_id, _MEMORY.id,
         postgresql_where=_THERE & _MEMORY.summary_id.is_(None))  # fmt: skip
sa.Index("memories_that_end", _MEMORY.expires_at, postgresql_where=_THERE)
sa.Index("memories_in_the_bin", _MEMORY.deleted_at,
         postgresql_where=_MEMORY.deleted_at.isnot(None))  # fmt: skip
sa.Index("memories_by_writing", _MEMORY.updated_at,
         postgresql_where=_THERE & _MEMORY.summary_id.is_(None) & ~_MEMORY.pinned)  # fmt: skip
sa.Index("memories_superseding", _MEMORY.user_id, _MEMORY.supersedes,
         postgresql_where=_MEMORY.supersedes.isnot(None))  # fmt: skip
sa.Index("memories_summarised", _MEMORY.user_id, _MEMORY.summary_id,
         postgresql_where=_MEMORY.summary_id.isnot(None))  # fmt: skip

memory_versions = person_table(
    "memory_versions",
    sa.Column("memory_id", Id, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("tags", ARRAY(sa.Text), nullable=False),
    sa.Column("context", JSONB, nullable=False),
    sa.Column("importance_score", sa.Double, nullable=False),
    sa.Column("expires_at", Time),
    sa.Column("pinned", sa.Boolean, nullable=False),
    sa.Column("supersedes", Id),
    sa.Column("written_at", Time, nullable=False),
    sa.Column("replaced_at", Time, nullable=False),
    of_person("memory_id", "user_memories", ondelete="CASCADE"),
    sa.Index("versions_of_memory", "user_id", "memory_id", "id"),
)

memory_interactions = person_table(
    "memory_interactions",
    sa.Column("memory_id", Id, nullable=False),
    sa.Column("interaction_type", sa.Text, nullable=False),
    sa.Column("context", JSONB, nullable=False),
    sa.Column("success", sa.Boolean, nullable=False),
    sa.Column("response_time", sa.Integer),
    sa.Column("created_at", Time, nullable=False, index=True),
    of_person("memory_id", "user_memories", ondelete="CASCADE"),
    sa.Index("interactions_with_memory", "user_id", "memory_id", "id"),
)

memory_categories = person_table(
    "memory_categories",
    sa.Column("name", Name, nullable=False),
    sa.Column("name_key", Name, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("description", sa.Text),
    # No reference: the one above may be built in, and then it is no row.
    sa.Column("parent_category_id", Id),
    to_user(),
    unique("user_id", "name_key", name="category_taken"),
    sa.Index("categories_below", "parent_category_id", "user_id"),
)

tenant_memory_categories = tenant_table(
    "tenant_memory_categories",
    *entity_columns(),
    sa.Column("organization_id", Id, nullable=False),
    sa.Column("name", Name, nullable=False),
    sa.Column("name_key", Name, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("description", sa.Text),
    # No reference: as with a person's.
    sa.Column("parent_category_id", Id),
    in_tenant("organization_id", "organizations", ondelete="CASCADE"),
    unique("tenant_id", "name_key", name="tenant_category_taken"),
)
# All people of the tenant have them, wherever they stand.
policy(
    tenant_memory_categories,
    "of_persons_tenants",
    APP_ROLE,
    "select",
    using="tenant_id in (select held.tenant_id from user_organizations held where"  # noqa: S608 -- nothing in it comes from elsewhere
    f" held.user_id = {THE_PERSON})",
)

memory_grants = person_table(
    "memory_grants",
    sa.Column("grantee_id", Id, nullable=False, index=True),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("expires_at", Time, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("granted_by", Id, nullable=False, index=True),
    to_user(),
    sa.ForeignKeyConstraint(["grantee_id"], ["users.id"], ondelete="CASCADE"),
    sa.ForeignKeyConstraint(["granted_by"], ["users.id"], ondelete="CASCADE"),
    sa.Index("grants_to_somebody", "user_id", "grantee_id", "expires_at"),
)

# What the ranking reads out of a memory out of the bin, under its id. Whoever writes a memory
# writes it anew; what is missing, or is of another version, is read again.
memory_layouts = person_table(
    "memory_layouts",
    sa.Column("rules", Name, nullable=False),
    sa.Column("said", sa.Integer, nullable=False),
    sa.Column("thread", sa.BigInteger, nullable=False),
    sa.Column("turn", sa.Double),
    sa.Column("occurred_at", Time, nullable=False),
    sa.Column("log_length", sa.Double, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("plain_length", sa.Integer, nullable=False),
    sa.Column("flags", sa.Integer, nullable=False),
    sa.Column("terms", ARRAY(Name), nullable=False),
    sa.Column("times", Bytes, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    of_person("id", "user_memories", ondelete="CASCADE"),
    # Each search looks into it, and so nothing waits in a list to be put in.
    sa.Index(
        "layouts_by_term",
        "user_id",
        "terms",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    ),
    sa.Index(
        "layouts_by_thread",
        "user_id",
        "thread",
        postgresql_include=["rules", "length", "plain_length"],
    ),
)
own_view(memory_layouts, "own_memory_layouts")

# One a memory, under its id: that of the best model so far.
memory_vectors = person_table(
    "memory_vectors",
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("numbers", HalfVector(), nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    of_person("id", "user_memories", ondelete="CASCADE"),
    sa.Index("vectors_by_change", "user_id", "changed"),
)

memory_states = person_table(
    "memory_states",
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("held_since", Time),
    sa.Column("hold_reason", sa.Text),
    to_user(),
)
