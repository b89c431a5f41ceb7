"""The product without any edge: what a library user holds, and what the edges call."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from attrs import frozen

from adapters.security.common_passwords import is_common
from faraday_core.audit.audit_service import AuditService
from faraday_core.audit.ports import AuditReader, AuditUnit
from faraday_core.identity.attempts import Attempts
from faraday_core.identity.auth_service import AuthService
from faraday_core.identity.cleanup_service import CleanupService
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
from faraday_core.identity.totp_service import TotpService
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId, Storage
from faraday_core.kernel.secrets import Sealer, Secrets
from faraday_core.mail.mail_service import MailService, Outgoing
from faraday_core.mail.ports import Mailer, MailUnit
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.people.support_service import SupportService
from faraday_core.people.user_service import UserService
from faraday_core.traffic.idempotency_service import IdempotencyService
from faraday_core.traffic.ports import TrafficUnit
from faraday_core.traffic.rate_limit_service import RateLimitService


@frozen
class App:
    """One attribute a service."""

    auth: AuthService
    sessions: SessionService
    passwords: PasswordService
    emails: EmailService
    totp: TotpService
    keys: KeyService
    users: UserService
    support: SupportService
    organizations: OrganizationService
    audit: AuditService
    mail: MailService
    cleanup: CleanupService
    rate_limits: RateLimitService
    idempotency: IdempotencyService
    parser: Parser


class AppReader(PeopleReader, AuditReader, Protocol):
    """What all contexts together ask."""


class AppUnit(AppReader, PeopleUnit, AuditUnit, MailUnit, TrafficUnit, Protocol):
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
    hasher: PasswordHasher
    tokens: AccessTokens
    totp: Totp
    mailer: Mailer
    password_min_length: int = 8
    is_common: Callable[[str], bool] = is_common
    now: Clock = utc_now
    new_id: NewId = uuid7


def wire(storage: AppStorage, parts: Parts) -> App:
    now, new_id, policy, secrets = parts.now, parts.new_id, parts.policy, parts.secrets
    sealer, hasher, tokens = parts.sealer, parts.hasher, parts.tokens
    password_policy = PasswordPolicy(parts.password_min_length, parts.is_common)
    parser = Parser({PasswordText: password_policy})
    attempts = Attempts(policy, secrets, now)
    session_start = SessionStart(policy, tokens, secrets, now, new_id)
    factor = SecondFactor(parts.totp, sealer, now)
    outgoing = Outgoing(now, new_id, sealer)
    emails = EmailService(storage, outgoing, now, new_id)
    passwords = PasswordService(
        storage, policy, parser, hasher, attempts, outgoing, sealer, now, new_id
    )
    organizations = OrganizationService(storage, now, new_id)
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
            now,
            new_id,
        ),
        sessions=SessionService(storage, policy, tokens, session_start, now),
        passwords=passwords,
        emails=emails,
        totp=TotpService(storage, factor, passwords, new_id),
        keys=KeyService(storage, policy, tokens, sealer, now, new_id),
        users=UserService(storage, parser, hasher, passwords, organizations, now, new_id),
        support=SupportService(storage, policy, attempts, passwords, now),
        organizations=organizations,
        audit=AuditService(storage, secrets),
        mail=MailService(storage, parts.mailer, now, sealer),
        cleanup=CleanupService(storage, storage, storage, policy, now),
        rate_limits=RateLimitService(storage, now, secrets),
        idempotency=IdempotencyService(storage, now, secrets, sealer),
        parser=parser,
    )
