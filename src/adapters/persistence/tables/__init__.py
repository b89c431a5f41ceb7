"""The schema, declared once. A column bears its field's name; a unique constraint's name is the
code of its Conflict."""

from adapters.persistence.tables.audit import audit_heads, audit_log, personal_keys
from adapters.persistence.tables.declaring import (
    APP_ROLE,
    IMPORT_ROLE,
    PLATFORM_ROLE,
    WORKER_ROLE,
    Id,
    metadata,
)
from adapters.persistence.tables.identity import (
    email_verifications,
    login_attempts,
    password_reset_tokens,
    recovery_codes,
    signing_keys,
    totp_secrets,
    user_credentials,
    users,
)
from adapters.persistence.tables.mail import mails
from adapters.persistence.tables.memories import (
    memory_categories,
    memory_grants,
    memory_interactions,
    memory_layouts,
    memory_states,
    memory_vectors,
    memory_versions,
    tenant_memory_categories,
    user_memories,
)
from adapters.persistence.tables.memory_analytics import memory_analytics, memory_recommendations
from adapters.persistence.tables.notifications import notifications
from adapters.persistence.tables.organizations import (
    departments,
    organization_merges,
    organizations,
    teams,
    user_organizations,
    user_terms,
)
from adapters.persistence.tables.people import invitations, service_accounts
from adapters.persistence.tables.preferences import preference_defaults, user_preferences
from adapters.persistence.tables.privacy import erasures, exports
from adapters.persistence.tables.profiles import profile_requirements, user_profiles
from adapters.persistence.tables.records import (
    birth_dates,
    consents,
    disclosures,
    guardianships,
    rectifications,
)
from adapters.persistence.tables.rosters import (
    academic_sessions,
    classes,
    courses,
    enrollments,
    import_changes,
    import_creations,
    import_mappings,
    import_progress,
    import_runs,
)
from adapters.persistence.tables.sessions import (
    jwt_blacklist,
    personal_tokens,
    refresh_tokens,
    user_devices,
    user_sessions,
)
from adapters.persistence.tables.traffic import idempotency_keys, rate_limits
from faraday_core.audit.model import AuditHead, PersonalKey
from faraday_core.identity.model import (
    Credential,
    EmailVerification,
    PasswordResetToken,
    RecoveryCode,
    SigningKey,
    TotpSecret,
    User,
)
from faraday_core.identity.session_model import (
    BlacklistedToken,
    RefreshToken,
    UserDevice,
    UserSession,
)
from faraday_core.identity.token_model import PersonalToken
from faraday_core.mail.model import QueuedMail
from faraday_core.memory.analytics_model import MemoryAnalytics
from faraday_core.memory.model import (
    MemoryCategory,
    MemoryGrant,
    MemoryInteraction,
    MemoryLayout,
    MemoryState,
    MemoryVector,
    MemoryVersion,
    TenantMemoryCategory,
    UserMemory,
)
from faraday_core.memory.recommendations_model import MemoryRecommendation
from faraday_core.notifications.model import Notification
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization, OrganizationMerge, Team
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.service_account_model import ServiceAccount
from faraday_core.preferences.model import PreferenceDefaults, UserPreference
from faraday_core.privacy.model import Erasure, Export
from faraday_core.profiles.model import ProfileRequirements, UserProfile
from faraday_core.records.model import (
    BirthDate,
    Consent,
    Disclosure,
    Guardianship,
    Rectification,
)
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.runs import ImportMapping, ImportProgress, ImportRun
from faraday_core.traffic.model import IdempotencyKey

TABLES = {
    User: users,
    Credential: user_credentials,
    PasswordResetToken: password_reset_tokens,
    EmailVerification: email_verifications,
    TotpSecret: totp_secrets,
    RecoveryCode: recovery_codes,
    SigningKey: signing_keys,
    UserSession: user_sessions,
    RefreshToken: refresh_tokens,
    UserDevice: user_devices,
    PersonalToken: personal_tokens,
    BlacklistedToken: jwt_blacklist,
    Organization: organizations,
    Department: departments,
    Team: teams,
    OrganizationMerge: organization_merges,
    UserOrganization: user_organizations,
    UserPreference: user_preferences,
    PreferenceDefaults: preference_defaults,
    UserProfile: user_profiles,
    ProfileRequirements: profile_requirements,
    Invitation: invitations,
    ServiceAccount: service_accounts,
    AuditHead: audit_heads,
    PersonalKey: personal_keys,
    QueuedMail: mails,
    Notification: notifications,
    IdempotencyKey: idempotency_keys,
    Rectification: rectifications,
    Consent: consents,
    Disclosure: disclosures,
    BirthDate: birth_dates,
    Guardianship: guardianships,
    UserMemory: user_memories,
    MemoryVersion: memory_versions,
    MemoryInteraction: memory_interactions,
    MemoryCategory: memory_categories,
    TenantMemoryCategory: tenant_memory_categories,
    MemoryGrant: memory_grants,
    MemoryState: memory_states,
    MemoryLayout: memory_layouts,
    MemoryVector: memory_vectors,
    MemoryAnalytics: memory_analytics,
    MemoryRecommendation: memory_recommendations,
    Export: exports,
    Erasure: erasures,
    AcademicSession: academic_sessions,
    Course: courses,
    Class: classes,
    Enrollment: enrollments,
    ImportRun: import_runs,
    ImportMapping: import_mappings,
    ImportProgress: import_progress,
}

__all__ = [
    "APP_ROLE",
    "IMPORT_ROLE",
    "PLATFORM_ROLE",
    "TABLES",
    "WORKER_ROLE",
    "Id",
    "academic_sessions",
    "audit_heads",
    "audit_log",
    "birth_dates",
    "classes",
    "consents",
    "courses",
    "departments",
    "disclosures",
    "email_verifications",
    "enrollments",
    "erasures",
    "exports",
    "guardianships",
    "idempotency_keys",
    "import_changes",
    "import_creations",
    "import_mappings",
    "import_progress",
    "import_runs",
    "invitations",
    "jwt_blacklist",
    "login_attempts",
    "mails",
    "memory_analytics",
    "memory_categories",
    "memory_grants",
    "memory_interactions",
    "memory_layouts",
    "memory_recommendations",
    "memory_states",
    "memory_vectors",
    "memory_versions",
    "metadata",
    "notifications",
    "organization_merges",
    "organizations",
    "password_reset_tokens",
    "personal_keys",
    "personal_tokens",
    "preference_defaults",
    "profile_requirements",
    "rate_limits",
    "recovery_codes",
    "rectifications",
    "refresh_tokens",
    "service_accounts",
    "signing_keys",
    "teams",
    "tenant_memory_categories",
    "totp_secrets",
    "user_credentials",
    "user_devices",
    "user_memories",
    "user_organizations",
    "user_preferences",
    "user_profiles",
    "user_sessions",
    "user_terms",
    "users",
]
