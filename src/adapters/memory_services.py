"""Memories, wired."""

from attrs import frozen

from adapters.parts import AppStorage, Parts
from faraday_core.kernel.parsing import Parser
from faraday_core.memory.analytics_service import MemoryAnalyticsService
from faraday_core.memory.category_moves import CategoryMoves
from faraday_core.memory.category_service import MemoryCategoryService
from faraday_core.memory.cleanup_service import MemoryCleanupService
from faraday_core.memory.cold import Cold
from faraday_core.memory.embedding import MemoryVectors
from faraday_core.memory.finding import Finding
from faraday_core.memory.grant_service import MemoryGrantService
from faraday_core.memory.import_service import MemoryImportService
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.memory_service import MemoryService
from faraday_core.memory.nearby import Surroundings
from faraday_core.memory.recommendation_service import MemoryRecommendationService
from faraday_core.memory.search_service import MemorySearchService
from faraday_core.memory.storing import Storing
from faraday_core.memory.tenant_category_service import TenantMemoryCategoryService
from faraday_core.memory.usage_service import MemoryUsageService
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.warming import Warming
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog


@frozen(slots=False)  # App is both
class MemoryServices:
    """What people keep of their learning: found again, understood, and forgotten in time."""

    memories: MemoryService
    memory_search: MemorySearchService
    memory_categories: MemoryCategoryService
    tenant_memory_categories: TenantMemoryCategoryService
    memory_imports: MemoryImportService
    memory_grants: MemoryGrantService
    memory_cleanup: MemoryCleanupService
    memory_analytics: MemoryAnalyticsService
    memory_recommendations: MemoryRecommendationService
    memory_vectors: MemoryVectors
    memory_use: MemoryUse
    memory_usage: MemoryUsageService


def memory_services(
    storage: AppStorage,
    parts: Parts,
    *,
    parser: Parser,
    disclosures: DisclosureLog,
    gate: ConsentGate,
    organizations: OrganizationService,
) -> MemoryServices:
    now, new_id, policy, embedding = parts.now, parts.new_id, parts.memory, parts.embedding
    known = KnownPeople(parts.stemmer, parts.vectors)
    cold, warming = Cold(known, parts.memory_weights), Warming(storage, known)
    use = MemoryUse(storage, known, now, new_id)
    storing = Storing(policy, use, embedding, now, new_id)
    finding = Finding(use, parts.memory_weights, embedding, known, cold, warming, now)
    around = Surroundings(known, cold, warming, now)
    return MemoryServices(
        memories=MemoryService(storage, policy, around, use, storing, finding, now, new_id),
        memory_search=MemorySearchService(storage, use, finding),
        memory_categories=MemoryCategoryService(storage, now, new_id),
        tenant_memory_categories=TenantMemoryCategoryService(
            storage, organizations, CategoryMoves(storage, now), now, new_id
        ),
        memory_imports=MemoryImportService(
            storage, policy, parser, known, use, embedding, now, new_id
        ),
        memory_grants=MemoryGrantService(storage, finding, disclosures, gate, now, new_id),
        memory_cleanup=MemoryCleanupService(storage, known, policy, now, new_id),
        memory_analytics=MemoryAnalyticsService(storage, use, disclosures, now),
        memory_recommendations=MemoryRecommendationService(
            storage, known, use, parts.spacing, disclosures, now
        ),
        memory_vectors=MemoryVectors(storage, embedding),
        memory_use=use,
        memory_usage=MemoryUsageService(storage),
    )
