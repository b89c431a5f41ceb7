"""The product without any edge: what a library user holds, and what the edges call."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from attrs import Factory, frozen

from adapters.formatting import formats
from adapters.media import Media
from adapters.security.common_passwords import is_common
from adapters.spacing.fsrs_spacing import FsrsSpacing
from adapters.stemming.snowball import SnowballStemmer
from faraday_core.audit.audit_service import AuditService
from faraday_core.audit.personal import PersonalKeys
from faraday_core.identity.attempts import Attempts
from faraday_core.identity.auth_service import AuthService
from faraday_core.identity.cleanup_service import CleanupService
from faraday_core.identity.device_service import DeviceService
from faraday_core.identity.email_service import EmailService
from faraday_core.identity.factors import SecondFactor
from faraday_core.identity.key_service import KeyService
from faraday_core.identity.password_service import PasswordService
from faraday_core.identity.passwords import PasswordHasher, PasswordPolicy, PasswordText
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import AccessTokens, AddressBook, Totp
from faraday_core.identity.session_refresh import SessionRefresh
from faraday_core.identity.session_service import SessionService
from faraday_core.identity.session_start import SessionStart
from faraday_core.identity.token_service import TokenService
from faraday_core.identity.totp_service import TotpService
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId, Storage
from faraday_core.kernel.secrets import Sealer, SealerOf, Secrets
from faraday_core.mail.mail_service import MailService, Outgoing
from faraday_core.mail.ports import Mailer, MailUnit
from faraday_core.memory.analytics_ports import AnalyticsReader, AnalyticsUnit
from faraday_core.memory.analytics_service import MemoryAnalyticsService
from faraday_core.memory.category_service import MemoryCategoryService
from faraday_core.memory.cleanup_service import MemoryCleanupService
from faraday_core.memory.embedding import Embedding, MemoryVectors
from faraday_core.memory.fields import ContentText
from faraday_core.memory.finding import Finding
from faraday_core.memory.grant_service import MemoryGrantService
from faraday_core.memory.import_service import MemoryImportService
from faraday_core.memory.known import KnownPeople
from faraday_core.memory.memory_service import MemoryService
from faraday_core.memory.model import MemoryPolicy
from faraday_core.memory.ranking import Stemmer, Vectors, Weights
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.recommendation_service import MemoryRecommendationService
from faraday_core.memory.search_service import MemorySearchService
from faraday_core.memory.spacing import Spacing
from faraday_core.memory.storing import Storing
from faraday_core.memory.uses import MemoryUse
from faraday_core.organizations.changes import Changes
from faraday_core.organizations.department_service import DepartmentService
from faraday_core.organizations.merge_service import MergeService
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.team_service import TeamService
from faraday_core.people.access_service import AccessService
from faraday_core.people.address_change import AddressChange
from faraday_core.people.entrance import Entrance
from faraday_core.people.invitation_service import InvitationService
from faraday_core.people.member_service import MemberService
from faraday_core.people.service_account_service import ServiceAccountService
from faraday_core.people.support_service import SupportService
from faraday_core.people.user_service import UserService
from faraday_core.preferences.ports import Formats
from faraday_core.preferences.preference_default_service import PreferenceDefaultService
from faraday_core.preferences.user_preference_service import UserPreferenceService
from faraday_core.preferences.wishes import PreferredDelivery
from faraday_core.privacy.consent_service import ConsentService
from faraday_core.privacy.erasure_service import ErasureService
from faraday_core.privacy.export_service import ExportService
from faraday_core.privacy.exporter import Exporter
from faraday_core.privacy.guardian_service import GuardianService
from faraday_core.privacy.model import PrivacyPolicy
from faraday_core.privacy.ports import KeptMails, PrivacyReader, PrivacyUnit
from faraday_core.privacy.record_service import RecordService
from faraday_core.privacy.retention_service import RetentionService
from faraday_core.profiles.avatar_service import AvatarService
from faraday_core.profiles.ports import ProfilesReader, ProfilesUnit
from faraday_core.profiles.profile_service import UserProfileService
from faraday_core.profiles.requirement_service import ProfileRequirementService
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog
from faraday_core.records.rectifications import RectificationLog
from faraday_core.roster.academic_session_service import AcademicSessionService
from faraday_core.roster.bulk_invitation_service import BulkInvitationService
from faraday_core.roster.class_service import ClassService
from faraday_core.roster.course_service import CourseService
from faraday_core.roster.drop_service import DropService
from faraday_core.roster.exporting import ExportReader, ExportUnit, RosterExportService
from faraday_core.roster.held_fields import HeldFieldService
from faraday_core.roster.import_mapping_service import ImportMappingService
from faraday_core.roster.import_ports import Apart, ImportsReader, ImportsUnit
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.import_work import ImportWork
from faraday_core.roster.importing import Rosters
from faraday_core.roster.lessons import Lessons
from faraday_core.roster.ports import RosterReader, RosterUnit
from faraday_core.roster.reading import RosterReaders
from faraday_core.roster.upload_job_service import ImportJobService
from faraday_core.roster.upload_service import ImportUploadService
from faraday_core.roster.uploads import Uploads
from faraday_core.traffic.idempotency_service import IdempotencyService
from faraday_core.traffic.ports import TrafficUnit
from faraday_core.traffic.rate_limit_service import RateLimitService


@frozen
class App:
    """One attribute a service."""

    auth: AuthService
    sessions: SessionService
    devices: DeviceService
    tokens: TokenService
    passwords: PasswordService
    emails: EmailService
    totp: TotpService
    keys: KeyService
    users: UserService
    support: SupportService
    invitations: InvitationService
    service_accounts: ServiceAccountService
    organizations: OrganizationService
    departments: DepartmentService
    teams: TeamService
    members: MemberService
    merges: MergeService
    classes: ClassService
    courses: CourseService
    academic_sessions: AcademicSessionService
    held_fields: HeldFieldService
    roster_export: RosterExportService
    imports: ImportService
    import_uploads: ImportUploadService
    import_jobs: ImportJobService
    import_mappings: ImportMappingService
    bulk_invitations: BulkInvitationService
    roster_drops: DropService
    access: AccessService
    profiles: UserProfileService
    avatars: AvatarService
    profile_requirements: ProfileRequirementService
    preferences: UserPreferenceService
    preference_defaults: PreferenceDefaultService
    audit: AuditService
    memories: MemoryService
    memory_search: MemorySearchService
    memory_categories: MemoryCategoryService
    memory_imports: MemoryImportService
    memory_grants: MemoryGrantService
    memory_cleanup: MemoryCleanupService
    memory_analytics: MemoryAnalyticsService
    memory_recommendations: MemoryRecommendationService
    memory_vectors: MemoryVectors
    memory_use: MemoryUse
    mail: MailService
    cleanup: CleanupService
    rate_limits: RateLimitService
    idempotency: IdempotencyService
    exports: ExportService
    erasures: ErasureService
    retention: RetentionService
    consents: ConsentService
    guardians: GuardianService
    records: RecordService
    parser: Parser


class AppReader(
    ProfilesReader,
    AnalyticsReader,
    RosterReader,
    ImportsReader,
    ExportReader,
    PrivacyReader,
    Protocol,
):
    """What all contexts together ask."""


class AppUnit(
    AppReader,
    ProfilesUnit,
    AnalyticsUnit,
    RosterUnit,
    ImportsUnit,
    ExportUnit,
    PrivacyUnit,
    MailUnit,
    TrafficUnit,
    Protocol,
):
    """And what they change by."""


class AppStorage(Storage[AppUnit, AppReader], AddressBook, Protocol):
    """What a storage has to fulfil; the contexts see their own slice of it."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@frozen
class Parts:
    """What stands behind the ports, beside storage."""

    policy: SignInPolicy
    secrets: Secrets
    sealer: Sealer
    sealer_of: SealerOf
    hasher: PasswordHasher
    tokens: AccessTokens
    totp: Totp
    mailer: Mailer
    media: Media
    kept_mails: KeptMails
    rosters: Rosters
    readers: RosterReaders
    apart: Apart
    privacy: PrivacyPolicy = PrivacyPolicy()
    memory: MemoryPolicy = MemoryPolicy()
    memory_weights: Weights = Weights()
    embedding: Embedding = Embedding()
    vectors: Callable[[], Vectors] = PlainVectors
    stemmer: Stemmer = Factory(SnowballStemmer)
    spacing: Spacing = Factory(FsrsSpacing)
    password_min_length: int = 8
    is_common: Callable[[str], bool] = is_common
    now: Clock = utc_now
    new_id: NewId = uuid7
    formats: Formats = Factory(formats)


def wire(storage: AppStorage, parts: Parts) -> App:
    now, new_id, policy, secrets = parts.now, parts.new_id, parts.policy, parts.secrets
    sealer, hasher, tokens, media = parts.sealer, parts.hasher, parts.tokens, parts.media
    password_policy = PasswordPolicy(parts.password_min_length, parts.is_common)
    memory = parts.memory
    parser = Parser({PasswordText: password_policy, ContentText: ContentText(memory.max_size)})
    attempts = Attempts(policy, secrets, now)
    outgoing = Outgoing(now, new_id, sealer)
    personal_keys = PersonalKeys(sealer, parts.sealer_of, now)
    session_start = SessionStart(policy, tokens, secrets, outgoing, now, new_id)
    factor = SecondFactor(parts.totp, sealer, now)
    emails = EmailService(storage, outgoing, now, new_id)
    passwords = PasswordService(
        storage, policy, parser, hasher, attempts, outgoing, sealer, now, new_id
    )
    audit = AuditService(storage, secrets, personal_keys)
    rectifications = RectificationLog(personal_keys, now, new_id)
    disclosures = DisclosureLog(storage, now, new_id)
    gate = ConsentGate(now, parts.privacy.child_age)
    exporter = Exporter(storage, media.objects, personal_keys, now)
    erasures = ErasureService(
        storage,
        parts.privacy,
        passwords,
        audit,
        rectifications,
        media.objects,
        parts.kept_mails,
        now,
    )
    nodes, lessons = Nodes(storage), Lessons(storage)
    changes = Changes(storage, nodes, now)
    organizations = OrganizationService(storage, nodes, changes, now, new_id)
    entrance = Entrance(storage, now, new_id)
    personal_tokens = TokenService(storage, now, new_id)
    embedding = parts.embedding
    people_known = KnownPeople(parts.stemmer, parts.vectors)
    memory_use = MemoryUse(storage, people_known, now, new_id)
    storing = Storing(memory, memory_use, embedding, now, new_id)
    finding = Finding(memory_use, parts.memory_weights, embedding, now)
    memories = MemoryService(
        storage, memory, people_known, memory_use, storing, finding, now, new_id
    )
    addresses = AddressChange(storage, emails, outgoing, now)
    users = UserService(
        storage,
        parser,
        hasher,
        passwords,
        organizations,
        addresses,
        rectifications,
        now,
        new_id,
    )
    support = SupportService(storage, policy, attempts, passwords, now)
    classes = ClassService(storage, lessons)
    uploads = Uploads(media.objects)
    import_work = ImportWork(storage, parts.rosters, parts.readers, parts.apart, uploads, now)
    imports = ImportService(storage, parts.rosters, import_work, organizations, now, new_id)
    import_mappings = ImportMappingService(storage, organizations, now, new_id)
    return App(
        auth=AuthService(
            storage,
            policy,
            parser,
            hasher,
            attempts,
            session_start,
            SessionRefresh(storage, session_start),
            factor,
            emails,
            entrance,
            now,
            new_id,
        ),
        sessions=SessionService(storage, policy, tokens, session_start, now),
        devices=DeviceService(storage, policy, now),
        tokens=personal_tokens,
        passwords=passwords,
        emails=emails,
        totp=TotpService(storage, factor, passwords, new_id),
        keys=KeyService(storage, policy, tokens, sealer, now, new_id),
        users=users,
        support=support,
        invitations=InvitationService(storage, organizations, entrance, outgoing, now, new_id),
        service_accounts=ServiceAccountService(
            storage, organizations, personal_tokens, now, new_id
        ),
        organizations=organizations,
        departments=DepartmentService(storage, nodes, changes, now, new_id),
        teams=TeamService(storage, nodes, changes, now, new_id),
        members=MemberService(storage, nodes, now, new_id),
        merges=MergeService(storage, nodes, changes, now, new_id),
        classes=classes,
        courses=CourseService(lessons),
        academic_sessions=AcademicSessionService(lessons),
        held_fields=HeldFieldService(storage, nodes, now),
        roster_export=RosterExportService(storage, nodes),
        imports=imports,
        import_uploads=ImportUploadService(
            storage, imports, import_mappings, uploads, now, new_id
        ),
        import_jobs=ImportJobService(storage, imports, import_work, uploads, now),
        import_mappings=import_mappings,
        roster_drops=DropService(storage, imports, organizations, users, outgoing),
        bulk_invitations=BulkInvitationService(
            storage, imports, classes, organizations, users, support
        ),
        access=AccessService(storage),
        profiles=UserProfileService(
            storage, media.rich_text, disclosures, rectifications, gate, now
        ),
        avatars=AvatarService(storage, media.objects, media.pictures, gate, now, new_id),
        profile_requirements=ProfileRequirementService(storage, nodes, now),
        audit=audit,
        preferences=UserPreferenceService(storage, parts.formats, gate, now),
        preference_defaults=PreferenceDefaultService(storage, organizations, now),
        memories=memories,
        memory_search=MemorySearchService(storage, people_known, memory_use, finding),
        memory_categories=MemoryCategoryService(storage, now, new_id),
        memory_imports=MemoryImportService(
            storage, memory, parser, people_known, memory_use, embedding, now, new_id
        ),
        memory_grants=MemoryGrantService(
            storage, finding, people_known, disclosures, gate, now, new_id
        ),
        memory_cleanup=MemoryCleanupService(storage, memory, now, new_id),
        memory_analytics=MemoryAnalyticsService(storage, memory_use, disclosures, now),
        memory_recommendations=MemoryRecommendationService(
            storage, people_known, memory_use, parts.spacing, disclosures, now
        ),
        memory_vectors=MemoryVectors(storage, embedding),
        memory_use=memory_use,
        mail=MailService(storage, parts.mailer, outgoing, PreferredDelivery(storage, now), now),
        cleanup=CleanupService(storage, storage, storage, policy, now),
        rate_limits=RateLimitService(storage, now, secrets),
        idempotency=IdempotencyService(storage, now, secrets, sealer),
        exports=ExportService(storage, exporter, media.objects, disclosures, now, new_id),
        erasures=erasures,
        retention=RetentionService(storage, parts.privacy, erasures, now),
        consents=ConsentService(storage, gate, now, new_id),
        guardians=GuardianService(storage, now, new_id),
        records=RecordService(storage, rectifications, now),
        parser=parser,
    )
