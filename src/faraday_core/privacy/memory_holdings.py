"""What is held of what people keep of their learning."""

from typing import Final

from faraday_core.memory.analytics_model import RETENTION_DAYS, MemoryAnalytics
from faraday_core.memory.model import (
    MemoryCategory,
    MemoryGrant,
    MemoryInteraction,
    MemoryLayout,
    MemoryState,
    MemoryVector,
    MemoryVersion,
    UserMemory,
)
from faraday_core.memory.recommendations_model import OFFERED_DAYS, MemoryRecommendation
from faraday_core.privacy.holding import Personal, Retention

_AGAIN: Final = "yours, once more"
_MACHINERY: Final = "counts for the machinery"

MEMORIES: Final[tuple[Personal, ...]] = (
    Personal(
        UserMemory,
        "user_memories",
        "What was kept for you to be found again, in your own words or your assistants'.",
        "memories.json",
        "id content category tags context importance_score access_count last_accessed expires_at"
        " pinned supersedes summary_id created_at updated_at deleted_at",
        {
            "importance_given": "whether the score is yours or an estimate",
            "repetitions": _MACHINERY,
            "helpful": "in memory_interactions.json, where you let it be kept",
            "unhelpful": "in memory_interactions.json, where you let it be kept",
            "text_hash": "the words once more, hashed",
            "changed": _MACHINERY,
        },
        kept="until it expires, and 30 days in the bin",
    ),
    Personal(
        MemoryVersion,
        "memory_versions",
        "What your memories were before you changed them.",
        "memory_versions.json",
        "id memory_id number content category tags context importance_score expires_at pinned"
        " supersedes written_at replaced_at",
        kept="as long as the memory",
    ),
    Personal(
        MemoryInteraction,
        "memory_interactions",
        "What was done with your memories, where you let it be kept.",
        "memory_interactions.json",
        "id memory_id interaction_type context success response_time created_at",
        retention=Retention("memory_interactions", "created_at", 365),
    ),
    Personal(
        MemoryCategory,
        "memory_categories",
        "The categories of your own that your memories are in.",
        "memory_categories.json",
        "id name description parent_category_id created_at updated_at",
        {"name_key": "the name once more, in small letters"},
    ),
    Personal(
        MemoryGrant,
        "memory_grants",
        "Who may read your memories, and whose you may read.",
        "memory_grants.json",
        "id user_id grantee_id purpose expires_at created_at granted_by",
        by="user_id grantee_id granted_by",
    ),
    Personal(
        MemoryLayout,
        "memory_layouts",
        "The words that your memories are found by.",
        None,
        left_out={
            "id": "the memory's",
            "rules": _MACHINERY,
            "said": _MACHINERY,
            "thread": "made of the memory's context",
            "turn": "the memory's context once more",
            "occurred_at": "the memory's context once more",
            "log_length": "made of the memory itself",
            "length": "made of the memory itself",
            "plain_length": "made of the memory itself",
            "flags": "made of the memory itself",
            "terms": "made of the memory itself",
            "times": "made of the memory itself",
            "place": "the memory's context once more",
        },
        kept="as long as the memory",
    ),
    Personal(
        MemoryVector,
        "memory_vectors",
        "What your memories mean to a model, as numbers.",
        None,
        left_out={
            "id": "the memory's",
            "model": _MACHINERY,
            "numbers": "made of the memory itself, and of use to that model alone",
            "changed": _MACHINERY,
        },
        kept="as long as the memory",
    ),
    Personal(
        MemoryState,
        "memory_states",
        "Whether your memories are held, and why.",
        "memory_state.json",
        "held_since hold_reason",
        {"id": _AGAIN, "changed": _MACHINERY},
        single=True,
    ),
    Personal(
        MemoryAnalytics,
        "memory_analytics",
        "How your memories were used, by the day, where you let it be kept.",
        "memory_analytics.json",
        "begins_at updated_at totals by_category by_hour by_context response_times",
        {"id": "follows from the day"},
        retention=Retention("memory_analytics", "begins_at", RETENTION_DAYS),
    ),
    Personal(
        MemoryRecommendation,
        "memory_recommendations",
        "What was recommended to do with your memories, and what you said of it.",
        "memory_recommendations.json",
        "id kind memory_id offered_at accepted decided_at",
        retention=Retention("memory_recommendations", "offered_at", OFFERED_DAYS),
    ),
)
