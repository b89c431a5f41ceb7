"""The schema, declared once. A column bears its field's name; a unique constraint's name is the
code of its Conflict."""

from adapters.persistence.tables.audit import audit_heads, audit_log
from adapters.persistence.tables.declaring import (
    APP_ROLE,
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
from adapters.persistence.tables.organizations import (
    organizations,
    user_organizations,
    user_terms,
)
from adapters.persistence.tables.sessions import (
    jwt_blacklist,
    refresh_tokens,
    user_devices,
    user_sessions,
)
from adapters.persistence.tables.traffic import idempotency_keys, rate_limits
from faraday_core.audit.model import AuditHead
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
from faraday_core.mail.model import QueuedMail
from faraday_core.organizations.model import Organization, UserOrganization
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
    BlacklistedToken: jwt_blacklist,
    Organization: organizations,
    UserOrganization: user_organizations,
    AuditHead: audit_heads,
    QueuedMail: mails,
    IdempotencyKey: idempotency_keys,
}

__all__ = [
    "APP_ROLE",
    "PLATFORM_ROLE",
    "TABLES",
    "WORKER_ROLE",
    "Id",
    "audit_heads",
    "audit_log",
    "email_verifications",
    "idempotency_keys",
    "jwt_blacklist",
    "login_attempts",
    "mails",
    "metadata",
    "organizations",
    "password_reset_tokens",
    "rate_limits",
    "recovery_codes",
    "refresh_tokens",
    "signing_keys",
    "totp_secrets",
    "user_credentials",
    "user_devices",
    "user_organizations",
    "user_sessions",
    "user_terms",
    "users",
]
