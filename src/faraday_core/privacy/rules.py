"""What is held about people, table by table: the one place that says so.

The export goes by it, so does erasure, so do retention and `docs/personal-data.md`. A test fails
where a table or a column is not named here.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from faraday_core.identity.model import (
    User,
)
from faraday_core.identity.session_model import (
    UserDevice,
    UserSession,
)
from faraday_core.identity.token_model import PersonalToken
from faraday_core.notifications.model import Notification
from faraday_core.organizations.membership import UserOrganization
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.service_account_model import ServiceAccount
from faraday_core.preferences.model import UserPreference
from faraday_core.privacy.holding import Holding, Nobodys, Personal, Retention, Sealed
from faraday_core.privacy.machinery_holdings import SECRETS_AND_MACHINERY
from faraday_core.privacy.memory_holdings import MEMORIES
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
from faraday_core.roster.thinning import KEPT_DAYS

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
        Notification,
        "notifications",
        "What you were told in the product.",
        "notifications.json",
        "id kind title text created_at outcomes shown_at send_at read_at",
        retention=Retention("notifications", "created_at", 90),
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
        "id guardian_id child_id relation confirmed_by source_system created_at",
        {"source_root_id": _WHERE_FROM},
        by="guardian_id child_id",
        cleared="confirmed_by",
    ),
    *MEMORIES,
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
    *SECRETS_AND_MACHINERY,
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
        "tenant_memory_categories",
        "what a school has named for all",
        "id organization_id name name_key description parent_category_id created_at updated_at",
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
        "counts of what files brought in, and where in them something was wrong; what values"
        " were, and what it takes to undo it, for 90 days (`imports`), and until the account goes",
        "id organization_id format mode source_system path mapping full demographics uploaded"
        " status plan_id result problem started_at applied_at undone_at file_name thinned_at",
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
    " for 90 days (`imports`), and removed with the account's row",
    "import_creations": "the ids of what an import has created, so that it can be undone; for"
    " 90 days (`imports`)",
}


def personal() -> Iterator[Personal]:
    return (holding for holding in HOLDINGS if isinstance(holding, Personal))


def retained() -> Iterator[tuple[Personal, Retention]]:
    return ((holding, holding.retention) for holding in personal() if holding.retention)


# Of imports not the rows go, but what they say of people, and the way back.
IMPORTS: Final = Retention("imports", "started_at", KEPT_DAYS)
RETENTION: Final[Mapping[str, int]] = {
    rule.kind: rule.days for rule in (*(rule for _, rule in retained()), IMPORTS)
}
