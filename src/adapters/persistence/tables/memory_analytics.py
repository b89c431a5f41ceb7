"""How memories were used, by the day, and what was recommended to do with them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.tables.declaring import Id, Time, of_person, person_table, to_user
from adapters.persistence.tables.memories import memory_interactions

memory_analytics = person_table(
    "memory_analytics",
    sa.Column("begins_at", Time, nullable=False, index=True),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("totals", JSONB, nullable=False),
    sa.Column("by_category", JSONB, nullable=False),
    sa.Column("by_hour", JSONB, nullable=False),
    sa.Column("by_context", JSONB, nullable=False),
    sa.Column("response_times", JSONB, nullable=False),
    to_user(),
    sa.Index("analytics_by_day", "user_id", "begins_at"),
)

memory_recommendations = person_table(
    "memory_recommendations",
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("memory_id", Id, nullable=False),
    sa.Column("offered_at", Time, nullable=False, index=True),
    sa.Column("accepted", sa.Boolean),
    sa.Column("decided_at", Time),
    of_person("memory_id", "user_memories", ondelete="CASCADE"),
    sa.Index("recommendations_of_memory", "user_id", "memory_id"),
)

sa.Index("interactions_by_time", memory_interactions.c.user_id, memory_interactions.c.created_at)
