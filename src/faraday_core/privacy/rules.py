"""What is held about people, table by table: the one place that says so.

The export goes by it, so does erasure, so do retention and `docs/personal-data.md`. A test fails
where a table or a column is not named here.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from faraday_core.audit.model import PersonalKey
from faraday_core.identity.model import (
    Credential,
    EmailVerification,
    PasswordResetToken,
    RecoveryCode,
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
from faraday_core.memory.analytics_model import RETENTION_DAYS, MemoryAnalytics
from faraday_core.memory.model import (
    MemoryCategory,
    MemoryGrant,
    MemoryInteraction,
    MemoryState,
    MemoryVector,
    MemoryVersion,
    UserMemory,
)
from faraday_core.memory.recommendations_model import OFFERED_DAYS, MemoryRecommendation
from faraday_core.organizations.membership import UserOrganization
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.service_account_model import ServiceAccount
from faraday_core.preferences.model import UserPreference
from faraday_core.privacy.holding import Holding, Nobodys, Personal, Retention, Sealed
from faraday_core.privacy.model import Erasure, Export
from faraday_core.profiles.model import UserProfile
from faraday_core.records.model import (
    BirthDate,
    Consent,
    Disclosure,
    Guardianship,
    Rectification,
)
from faraday_core.roster.model import Enrollment
from faraday_core.traffic.model import IdempotencyKey

_HASHED: Final = "a secret, of which there is but a hash"
_AGAIN: Final = "yours, once more"
_NO_PERSON: Final = "a program's"
_MACHINERY: Final = "counts for the machinery"
_WHERE_FROM: Final = "the school whose file it came in by"

HOLDINGS: Final[tuple[Holding, ...]] = (
    Personal(
        User,
        "users",
        "Who you are here.",
        "user.json",
        "id email full_name given_name middle_name family_name username identifier grades"
        " is_active email_verified is_platform_admin is_service source_system source_id"
        " held_fields created_at updated_at",
        {
            "email_key": "the address once more, in small letters",
            "security_epoch": _MACHINERY,
            "source_tenant_id": _WHERE_FROM,
            "source_root_id": _WHERE_FROM,
        },
        by="id",
        single=True,
        retention=Retention("accounts", "updated_at", 0),
    ),
    Personal(
        UserOrganization,
        "user_organizations",
        "Your roles, and where you hold them.",
        "memberships.json",
        "id organization_id department_id team_id role permissions starts_on ends_on"
        " source_system created_at updated_at",
        {"source_root_id": _WHERE_FROM},
    ),
    Personal(
        Enrollment,
        "enrollments",
        "The classes that you take part in, and as what.",
        "enrollments.json",
        "id class_id organization_id role is_primary starts_on ends_on is_active source_system"
        " source_id created_at updated_at",
        {"source_root_id": _WHERE_FROM},
    ),
    Personal(
        UserProfile,
        "user_profiles",
        "What you tell of yourself; your picture is among the files.",
        "profile.json",
        "preferred_name pronouns name_pronunciation bio location website social_links phone"
        " job_title education avatar_url avatar visibility created_at updated_at",
        {"id": _AGAIN},
        single=True,
    ),
    Personal(
        UserPreference,
        "user_preferences",
        "What you set as you prefer it; null is what you never set.",
        "preferences.json",
        "theme color_scheme font_size accessibility notifications language timezone date_format"
        " time_format first_day_of_week currency privacy consented_at created_at updated_at",
        {"id": _AGAIN},
        single=True,
    ),
    Personal(
        UserSession,
        "user_sessions",
        "Where and when you signed in.",
        "sessions.json",
        "id device_id device_name ip_address user_agent created_at last_used_at expires_at"
        " ended_at end_reason",
        {"security_epoch": _MACHINERY},
        retention=Retention("sessions", "last_used_at", 30),
    ),
    Personal(
        UserDevice,
        "user_devices",
        "The devices that you signed in from.",
        "devices.json",
        "id name created_at last_used_at expires_at",
        {"token_hash": _HASHED},
        kept="a year after its last sign-in",
    ),
    Personal(
        PersonalToken,
        "personal_tokens",
        "Tokens by which programs act for you.",
        "tokens.json",
        "id name scopes created_at expires_at last_used_at",
        {"token_hash": _HASHED, "security_epoch": _MACHINERY},
        kept="until it expires",
    ),
    Personal(
        ServiceAccount,
        "service_accounts",
        "What a program may do, which is no person.",
        None,
        left_out={
            "id": _AGAIN,
            "organization_id": _NO_PERSON,
            "membership_id": _NO_PERSON,
            "name": _NO_PERSON,
            "role": _NO_PERSON,
            "scopes": _NO_PERSON,
            "created_at": _NO_PERSON,
            "expires_at": _NO_PERSON,
        },
    ),
    Personal(
        Invitation,
        "invitations",
        "Invitations that you sent.",
        None,
        left_out={
            "id": "in the audit log",
            "organization_id": "in the audit log",
            "email": "somebody else's; removed, too, when that person is erased",
            "email_key": "the same once more",
            "role": "in the audit log",
            "token_hash": _HASHED,
            "created_at": "in the audit log",
            "expires_at": _MACHINERY,
        },
        by="invited_by",
        kept="14 days",
    ),
    Personal(
        Consent,
        "consents",
        "What you or your guardian agreed to.",
        "consents.json",
        "id purpose text_version granted_at granted_by withdrawn_at withdrawn_by",
        cleared="granted_by withdrawn_by",
        retention=Retention("consents", "withdrawn_at", 1095),
    ),
    Personal(
        Disclosure,
        "disclosures",
        "Who else was shown what is held about you.",
        "disclosures.json",
        "id at reader_id what purpose",
        cleared="reader_id",
        retention=Retention("disclosures", "at", 0),
    ),
    Personal(
        Rectification,
        "rectifications",
        "What was corrected, and what it was before.",
        "rectifications.json",
        "id at field changed_by old_value",
        cleared="changed_by",
        retention=Retention("rectifications", "at", 1095),
    ),
    Personal(
        BirthDate,
        "birth_dates",
        "When you were born, where your school has said so.",
        "birth_date.json",
        "born_on",
        {"id": _AGAIN},
        single=True,
    ),
    Personal(
        Guardianship,
        "guardianships",
        "Whose guardian you are, and who is yours.",
        "guardianships.json",
        "id guardian_id child_id confirmed_by source_system created_at",
        {"source_root_id": _WHERE_FROM},
        by="guardian_id child_id",
        cleared="confirmed_by",
    ),
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
    Personal(
        Export,
        "exports",
        "Copies of your data that you asked for.",
        "exports.json",
        "id status created_at ended_at expires_at",
        kept="a day",
    ),
    Personal(
        Erasure,
        "erasures",
        "That you asked to be erased.",
        "erasures.json",
        "id asked_at erase_after",
        kept="until it is done, or called off",
    ),
    Personal(
        Credential,
        "user_credentials",
        "Your password.",
        None,
        left_out={
            "id": _AGAIN,
            "password_hash": "a secret, hashed: who has the file could guess at it",
            "changed_at": "in the audit log",
        },
    ),
    Personal(
        TotpSecret,
        "totp_secrets",
        "Your second factor.",
        None,
        left_out={
            "id": _AGAIN,
            "secret": "a secret, sealed: who has it can sign in as you",
            "created_at": "in the audit log",
            "confirmed_at": "in the audit log",
            "last_step": _MACHINERY,
        },
    ),
    Personal(
        RecoveryCode,
        "recovery_codes",
        "Your recovery codes.",
        None,
        left_out={"id": _MACHINERY, "code_hash": _HASHED},
    ),
    Personal(
        PasswordResetToken,
        "password_reset_tokens",
        "Tokens that were mailed to you.",
        None,
        left_out={
            "id": _MACHINERY,
            "token_hash": _HASHED,
            "purpose": "in the audit log",
            "created_at": "in the audit log",
            "expires_at": _MACHINERY,
        },
        kept="until it expires",
    ),
    Personal(
        EmailVerification,
        "email_verifications",
        "Tokens that were mailed to you.",
        None,
        left_out={
            "id": _MACHINERY,
            "email_key": "the address, as in user.json",
            "token_hash": _HASHED,
            "created_at": "in the audit log",
            "expires_at": _MACHINERY,
        },
        kept="until it expires",
    ),
    Personal(
        RefreshToken,
        "refresh_tokens",
        "What keeps you signed in.",
        None,
        left_out={
            "id": _MACHINERY,
            "session_id": "in sessions.json",
            "token_hash": _HASHED,
            "issued_at": _MACHINERY,
            "spent_at": _MACHINERY,
        },
        kept="with its session",
    ),
    Personal(
        BlacklistedToken,
        "jwt_blacklist",
        "Access tokens that ended before their time.",
        None,
        left_out={"id": _MACHINERY, "expires_at": _MACHINERY, "created_at": _MACHINERY},
        kept="until the token expires",
    ),
    Personal(
        QueuedMail,
        "mails",
        "Mails to you that are on their way.",
        None,
        left_out={
            "id": _MACHINERY,
            "content": "sealed until it is sent, and gone then: the mail itself is yours",
            "created_at": _MACHINERY,
            "kind": _MACHINERY,
            "due_at": _MACHINERY,
            "waited": _MACHINERY,
            "claimed_at": _MACHINERY,
            "ended_at": _MACHINERY,
            "failure": "what a mail server said",
        },
        retention=Retention("mails", "ended_at", 30),
    ),
    Personal(
        IdempotencyKey,
        "idempotency_keys",
        "Answers that would be given again.",
        None,
        left_out={
            "id": _MACHINERY,
            "request_hash": "a keyed hash",
            "created_at": _MACHINERY,
            "answer": "a copy of what is in the other files, sealed",
        },
        kept="a day",
    ),
    Personal(
        PersonalKey,
        "personal_keys",
        "The key by which the audit log tells of you.",
        None,
        left_out={
            "id": "the pseudonym: known, it would lead back to you after erasure",
            "key": "a secret, sealed",
            "created_at": _MACHINERY,
        },
    ),
    Sealed(
        "audit_log",
        "What you did, and what was done to you.",
        "audit.json",
        personal="actor_id target_id ip_address request_id details sealed_origin sealed_details",
        plain="id at action target_type organization_id sequence seal seal_key",
        kept="for good: it is what shows meddling; the person is a pseudonym after erasure",
    ),
    Nobodys("audit_heads", "counts and seals", "id entries seal seal_key signature"),
    Nobodys(
        "organizations",
        "what is public of a school",
        "id name name_key description parent_organization_id merged_into_organization_id type"
        " identifier source_root_id source_system source_id held_fields archived_at created_at"
        " updated_at",
    ),
    Nobodys(
        "departments",
        "what is public of a school",
        "id name name_key description organization_id parent_department_id source_root_id"
        " source_system source_id held_fields archived_at created_at updated_at",
    ),
    Nobodys(
        "teams",
        "what is public of a school",
        "id name name_key description department_id organization_id archived_at created_at"
        " updated_at",
    ),
    Nobodys(
        "organization_merges",
        "the ids of what was moved, and of rows that are removed with their persons",
        "id organization_id into_organization_id former_parent_id moved created_at undone_at",
    ),
    Nobodys(
        "preference_defaults",
        "what an organisation has set for all",
        "id set_values locked created_at updated_at",
    ),
    Nobodys(
        "profile_requirements",
        "what an organisation asks of all",
        "id required_fields badges updated_at",
    ),
    Nobodys(
        "academic_sessions",
        "when a school teaches",
        "id title organization_id type starts_on ends_on school_year parent_session_id is_active"
        " source_root_id source_system source_id held_fields created_at updated_at",
    ),
    Nobodys(
        "courses",
        "what a school teaches",
        "id title organization_id code grades subjects academic_session_id is_active"
        " source_root_id source_system source_id held_fields created_at updated_at",
    ),
    Nobodys(
        "classes",
        "what a school teaches; who takes part is in the enrolments",
        "id title organization_id course_id code type location grades subjects periods"
        " academic_session_ids is_active source_root_id source_system source_id held_fields"
        " created_at updated_at",
    ),
    Nobodys(
        "import_runs",
        "counts of what files brought in, and where in them something was wrong",
        "id organization_id format mode source_system path mapping full demographics uploaded"
        " status plan_id result problem started_at applied_at undone_at file_name",
        cleared="started_by",
    ),
    Nobodys(
        "import_progress",
        "how far an import has come",
        "id stage done total heard_at",
    ),
    Nobodys(
        "import_mappings",
        "the headings of a school's sheets",
        "id organization_id name mapping created_at updated_at",
    ),
    Nobodys("signing_keys", "keys", "id public_key private_key created_at retires_at"),
    Nobodys(
        "login_attempts",
        "a keyed hash of the address; forgotten a month after the last wrong sign-in",
        "key failures locked_until updated_at",
    ),
    Nobodys(
        "rate_limits", "a keyed hash of who asked; forgotten after a day", "key count began_at"
    ),
)

# Made of what is in another table, and so exported and retained with it.
DERIVED: Final[Mapping[str, str]] = {
    "user_terms": "the words of the name and the address by which a person is found; removed with"
    " the account's row",
    "import_changes": "what an import has changed, as it was before, so that it can be undone;"
    " removed with the account's row",
    "import_creations": "the ids of what an import has created, so that it can be undone",
}


def personal() -> Iterator[Personal]:
    return (holding for holding in HOLDINGS if isinstance(holding, Personal))


def retained() -> Iterator[tuple[Personal, Retention]]:
    return ((holding, holding.retention) for holding in personal() if holding.retention)


RETENTION: Final[Mapping[str, int]] = {rule.kind: rule.days for _, rule in retained()}
