from http import HTTPStatus

from adapters.http.routes import Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.memory.analytics_service import MemoryAnalyticsService
from faraday_core.memory.analytics_views import AnalyticsQuery, AnalyticsView
from faraday_core.memory.recommendation_service import MemoryRecommendationService
from faraday_core.memory.recommendations_model import (
    RecommendationDecision,
    RecommendationFeedback,
    RecommendationQuery,
    Recommendations,
)

routes = Routes("memories")


@routes.on("GET /memories/analytics")
async def get_memory_analytics(
    actor: Actor, analytics: MemoryAnalyticsService, asked: AnalyticsQuery
) -> AnalyticsView:
    """What one's memories were used for, when, and how much they helped.

    `from` and `to` are days in UTC, both included; the last 30 where they are left out. What can
    be said depends on whether the preference `track_activity` is on.
    """
    return await analytics.get(actor, asked)


@routes.on("GET /memories/recommendations")
async def list_memory_recommendations(
    actor: Actor, recommendations: MemoryRecommendationService, asked: RecommendationQuery
) -> Recommendations:
    """What to do with one's memories, the most urgent first.

    Each has its reason, and as `action` the request that carries it out.
    """
    return await recommendations.list(actor, asked)


@routes.on(
    "POST /memories/recommendations/{recommendation_id}/feedback", Terms(status=HTTPStatus.OK)
)
async def give_recommendation_feedback(
    actor: Actor,
    recommendations: MemoryRecommendationService,
    recommendation_id: str,
    body: RecommendationFeedback,
) -> RecommendationDecision:
    """Say whether one took a recommendation. What is declined is not offered for 30 days."""
    return await recommendations.feedback(actor, recommendation_id, body)
