"""The product without any edge: what a library user holds, and what the edges call."""

from attrs import asdict, frozen

from adapters.memory_services import MemoryServices, memory_services
from adapters.parts import AppStorage, Parts
from adapters.roster_services import RosterServices, roster_services
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
from faraday_core.identity.passwords import PasswordPolicy, PasswordText
from faraday_core.identity.session_refresh import SessionRefresh
from faraday_core.identity.session_service import SessionService
from faraday_core.identity.session_start import SessionStart
from faraday_core.identity.token_service import TokenService
from faraday_core.identity.totp_service import TotpService
from faraday_core.kernel.parsing import Parser
from faraday_core.mail.mail_service import MailService, Outgoing
from faraday_core.memory.fields import ContentText
from faraday_core.notifications.notification_service import NotificationService
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
from faraday_core.preferences.preference_default_service import PreferenceDefaultService
from faraday_core.preferences.user_preference_service import UserPreferenceService
from faraday_core.preferences.wishes import PreferredDelivery
from faraday_core.privacy.consent_service import ConsentService
from faraday_core.privacy.erasure_service import ErasureService
from faraday_core.privacy.export_service import ExportService
from faraday_core.privacy.exporter import Exporter
from faraday_core.privacy.guardian_confirmation_service import GuardianConfirmationService
from faraday_core.privacy.guardian_service import GuardianService
from faraday_core.privacy.record_service import RecordService
from faraday_core.privacy.retention_service import RetentionService
from faraday_core.profiles.avatar_service import AvatarService
from faraday_core.profiles.profile_service import UserProfileService
from faraday_core.profiles.requirement_service import ProfileRequirementService
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog
from faraday_core.records.rectifications import RectificationLog
from faraday_core.roster.thinning import ImportThinning
from faraday_core.traffic.idempotency_service import IdempotencyService
from faraday_core.traffic.rate_limit_service import RateLimitService


@frozen(repr=False)  # it would write out all that there is, as often as a task of asyncio is named
class App(RosterServices, MemoryServices):
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
    access: AccessService
    profiles: UserProfileService
    avatars: AvatarService
    profile_requirements: ProfileRequirementService
    preferences: UserPreferenceService
    preference_defaults: PreferenceDefaultService
    audit: AuditService
    mail: MailService
    notifications: NotificationService
    cleanup: CleanupService
    rate_limits: RateLimitService
    idempotency: IdempotencyService
    exports: ExportService
    erasures: ErasureService
    retention: RetentionService
    consents: ConsentService
    guardians: GuardianService
    guardian_confirmations: GuardianConfirmationService
    records: RecordService
    parser: Parser


def wire(storage: AppStorage, parts: Parts) -> App:
    now, new_id, policy, secrets = parts.now, parts.new_id, parts.policy, parts.secrets
    sealer, hasher, tokens, media = parts.sealer, parts.hasher, parts.tokens, parts.media
    password_policy = PasswordPolicy(parts.password_min_length, parts.is_common)
    content = ContentText(parts.memory.max_size)
    parser = Parser({PasswordText: password_policy, ContentText: content})
    attempts = Attempts(policy, secrets, now)
    outgoing = Outgoing(now, new_id, sealer)
    wishes = PreferredDelivery(storage, now)
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
    thinning = ImportThinning(storage)
    erasures = ErasureService(
        storage,
        parts.privacy,
        passwords,
        audit,
        rectifications,
        media.objects,
        parts.kept_mails,
        thinning,
        now,
    )
    nodes = Nodes(storage)
    changes = Changes(storage, nodes, now)
    organizations = OrganizationService(storage, nodes, changes, now, new_id)
    entrance = Entrance(storage, now, new_id)
    personal_tokens = TokenService(storage, now, new_id)
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
    rosters = roster_services(
        storage,
        parts,
        nodes=nodes,
        organizations=organizations,
        users=users,
        support=support,
        outgoing=outgoing,
    )
    memories = memory_services(
        storage,
        parts,
        parser=parser,
        disclosures=disclosures,
        gate=gate,
        organizations=organizations,
    )
    return App(
        **asdict(rosters, recurse=False),
        **asdict(memories, recurse=False),
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
        access=AccessService(storage),
        profiles=UserProfileService(
            storage, media.rich_text, disclosures, rectifications, gate, now
        ),
        avatars=AvatarService(storage, media.objects, media.pictures, gate, now, new_id),
        profile_requirements=ProfileRequirementService(storage, nodes, now),
        audit=audit,
        preferences=UserPreferenceService(storage, parts.formats, gate, now),
        preference_defaults=PreferenceDefaultService(storage, organizations, now),
        mail=MailService(storage, parts.mailer, outgoing, wishes, now),
        notifications=NotificationService(storage, wishes, parts.senders, now),
        cleanup=CleanupService(storage, storage, storage, policy, now),
        rate_limits=RateLimitService(storage, now, secrets),
        idempotency=IdempotencyService(storage, now, secrets, sealer),
        exports=ExportService(storage, exporter, media.objects, disclosures, gate, now, new_id),
        erasures=erasures,
        retention=RetentionService(storage, parts.privacy, erasures, thinning, now),
        consents=ConsentService(storage, gate, now, new_id),
        guardians=GuardianService(storage, now, new_id),
        guardian_confirmations=GuardianConfirmationService(storage, organizations),
        records=RecordService(storage, rectifications, now),
        parser=parser,
    )
