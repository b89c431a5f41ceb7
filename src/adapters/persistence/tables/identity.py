import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.tables.declaring import (
    ALL_VERBS,
    APP_ROLE,
    IMPORT_ROLE,
    IN_TENANTS,
    PLATFORM_ROLE,
    THE_ADDRESS,
    THE_PERSON,
    THE_TENANT,
    THE_TENANTS,
    Bytes,
    Id,
    Name,
    Time,
    entity_columns,
    grant,
    held_fields,
    metadata,
    of_source,
    person_table,
    platform_table,
    policy,
    to_user,
    unique,
    voidable,
)

users = sa.Table(
    "users",
    metadata,
    *entity_columns(),
    sa.Column("email", sa.Text),
    sa.Column("email_key", Name),
    sa.Column("full_name", Name, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("email_verified", sa.Boolean, nullable=False),
    sa.Column("is_platform_admin", sa.Boolean, nullable=False),
    sa.Column("security_epoch", sa.Integer, nullable=False),
    sa.Column("is_service", sa.Boolean, nullable=False),
    sa.Column("username", sa.Text),
    sa.Column("given_name", sa.Text),
    sa.Column("middle_name", sa.Text),
    sa.Column("family_name", sa.Text),
    sa.Column("identifier", sa.Text),
    sa.Column("grades", ARRAY(sa.Text), nullable=False),
    sa.Column("source_tenant_id", Id),
    *of_source(),
    held_fields(),
    sa.UniqueConstraint("email_key", name="email_taken"),
    sa.Index("platform_admins", "id", postgresql_where=sa.text("is_platform_admin")),
    sa.Index("inactive_users_by_id", "id", postgresql_where=sa.text("not is_active")),
    sa.Index("inactive_users", "updated_at", postgresql_where=sa.text("not is_active")),
    sa.Index(
        "users_of_source",
        "source_tenant_id",
        "source_root_id",
        "source_system",
        "source_id",
        unique=True,
        postgresql_where=sa.text("source_id is not null"),
    ),
    sa.Index(
        "users_by_source_id",
        "source_id",
        "source_tenant_id",
        "id",
        postgresql_where=sa.text("source_id is not null"),
    ),
)
_MEMBER = (
    "exists (select from user_organizations m"
    f" where m.user_id = users.id and ({IN_TENANTS.replace('tenant_id =', 'm.tenant_id =')}))"
)
grant(users, APP_ROLE, ALL_VERBS)
policy(users, "own", APP_ROLE, "all", using=f"id = {THE_PERSON}")
policy(users, "members", APP_ROLE, "select", using=_MEMBER)
policy(users, "by_address", APP_ROLE, "select", using=f"email_key = {THE_ADDRESS}")
policy(users, "everywhere", PLATFORM_ROLE, "select", using="true")
# A roster's person may hold no role yet.
policy(
    users,
    "of_source",
    APP_ROLE,
    "select",
    using=f"source_tenant_id = any({THE_TENANTS}::uuid[])",
)
# An address is one person's, in whatever tenant; to write, it takes somebody of the import's own,
# or who has shown neither a place nor that their address is theirs.
_OF_THE_TENANT = (
    f"source_tenant_id = {THE_TENANT} or exists (select from user_organizations m"
    f" where m.user_id = users.id and m.tenant_id = {THE_TENANT})"
)
_NOBODYS = (
    "not email_verified and not exists (select from user_organizations m"
    " where m.user_id = users.id)"
)
_PLAIN = "not is_platform_admin and not is_service"
grant(users, IMPORT_ROLE, ALL_VERBS)
policy(users, "import_sees_addresses", IMPORT_ROLE, "select", using="true")
policy(
    users,
    "import_adds",
    IMPORT_ROLE,
    "insert",
    using=f"{_PLAIN} and source_tenant_id = {THE_TENANT}",
)
policy(
    users,
    "import_changes",
    IMPORT_ROLE,
    "update",
    using=f"{_PLAIN} and ({_OF_THE_TENANT} or {_NOBODYS})",
    check=f"{_PLAIN} and (source_tenant_id is null or source_tenant_id = {THE_TENANT})",
)
policy(
    users,
    "import_takes_back",
    IMPORT_ROLE,
    "delete",
    using=f"{_PLAIN} and source_tenant_id = {THE_TENANT}",
)

user_credentials = person_table(
    "user_credentials",
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("changed_at", Time, nullable=False),
    to_user(),
)

password_reset_tokens = person_table(
    "password_reset_tokens",
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
    to_user(),
    unique("user_id", "token_hash", name="reset_token_taken"),
)

email_verifications = person_table(
    "email_verifications",
    sa.Column("email_key", Name, nullable=False),
    sa.Column("token_hash", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("expires_at", Time, nullable=False, index=True),
    to_user(),
    unique("user_id", "token_hash", name="verification_token_taken"),
)

voidable(password_reset_tokens)
voidable(email_verifications)

totp_secrets = person_table(
    "totp_secrets",
    sa.Column("secret", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("confirmed_at", Time),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    to_user(),
)

recovery_codes = person_table(
    "recovery_codes",
    sa.Column("code_hash", Bytes, nullable=False),
    to_user(),
    unique("user_id", "code_hash", name="recovery_code_taken"),
)

signing_keys = platform_table(
    "signing_keys",
    *entity_columns(),
    sa.Column("public_key", Bytes, nullable=False),
    sa.Column("private_key", Bytes, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("retires_at", Time),
    app="select",
    worker="insert, update, delete",
)

# Of an address or a device there is but a keyed hash.
login_attempts = platform_table(
    "login_attempts",
    sa.Column("key", Bytes, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Time),
    sa.Column("updated_at", Time, nullable=False, index=True),
    app=ALL_VERBS,
    worker="",
)

__all__ = [
    "Id",
    "email_verifications",
    "login_attempts",
    "password_reset_tokens",
    "recovery_codes",
    "signing_keys",
    "totp_secrets",
    "user_credentials",
    "users",
]
