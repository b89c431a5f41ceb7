"""Every setting there is: one field each, with its variable, default, meaning and an example."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import field, frozen

from adapters.embedding import Endpoint
from adapters.settings import kinds
from adapters.settings.kinds import Network
from faraday_core.identity.policy import SignInPolicy
from faraday_core.kernel.secrets import SHORTEST
from faraday_core.memory.model import MOST_WITHOUT_ORGANIZATION, MemoryPolicy
from faraday_core.memory.ranking.weights import Weights
from faraday_core.privacy.model import PrivacyPolicy
from faraday_core.privacy.rules import RETENTION
from faraday_core.roster.reading import Format as RosterFormat
from faraday_core.roster.runs import Mode as RosterMode

KEY: Final = "setting"
DAY: Final = 86_400


@frozen
class Setting:
    """How a field is read. `default`: as it would be written; None where there is none."""

    name: str
    help: str
    example: str
    read: Callable[[str], Any]  # to the field's own type
    default: str | None = None
    secret: bool = False


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Registration(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def _setting(
    name: str,
    read: Callable[[str], Any],  # to the field's own type
    default: str | None,
    help: str,  # noqa: A002 -- what the field is called
    *,
    example: str | None = None,
    secret: bool = False,
) -> Any:  # as attrs' own `field`
    declared = Setting(name, help, example or default or "", read, default, secret)
    value = None if default is None else read(default)
    return field(default=value, metadata={KEY: declared}, repr=not secret)


def setting_of(attribute: "attrs.Attribute[Any]") -> Setting:
    found: Setting = attribute.metadata[KEY]
    return found


@frozen(kw_only=True)
class Settings:
    environment: Environment = _setting(
        "FARADAY_ENV",
        kinds.choice(Environment),
        "development",
        "`production` refuses to start with what is safe on a laptop only.",
        example="production",
    )
    host: str = _setting(
        "FARADAY_HOST", kinds.text, "127.0.0.1", "The address to listen at.", example="192.0.2.1"
    )
    port: int = _setting(
        "FARADAY_PORT", kinds.number(0, 65535), "8000", "The port; 0 takes any that is free."
    )
    workers: int = _setting(
        "FARADAY_WORKERS", kinds.number(1, 256), "1", "Processes that serve on the one port."
    )
    data_dir: Path | None = _setting(
        "FARADAY_DATA_DIR",
        kinds.path,
        None,
        "Where the embedded database, the mails of development and the made-up secret are kept. "
        "Left out: the user's data directory.",
        example="/var/lib/faraday",
    )
    database_url: str | None = _setting(
        "FARADAY_DATABASE_URL",
        kinds.database_url,
        None,
        "A PostgreSQL (15 or newer, with pgvector). Left out: one is embedded.",
        example="postgresql://faraday:secret@db.example.org/faraday",
        secret=True,
    )
    database_connections: int = _setting(
        "FARADAY_DATABASE_CONNECTIONS",
        kinds.number(1, 500),
        "10",
        "Connections to PostgreSQL that each process holds at most.",
    )
    object_store_url: str = _setting(
        "FARADAY_OBJECT_STORE_URL",
        kinds.object_store_url,
        "file:",
        "Where people's files are kept: `file:` in the data directory, `file:///a/folder` "
        "elsewhere, `s3://KEY@host[:port]/bucket[/prefix][?region=REGION]` in a bucket of "
        "whatever speaks S3 (`s3+http://` goes without TLS).",
        example="s3://AKIAEXAMPLE@s3.eu-central-1.amazonaws.com/faraday?region=eu-central-1",
    )
    object_store_secret: str | None = _setting(
        "FARADAY_OBJECT_STORE_SECRET",
        kinds.text,
        None,
        "The secret that goes with the key of the bucket.",
        example="the secret access key",
        secret=True,
    )
    secret_key: bytes | None = _setting(
        "FARADAY_SECRET_KEY",
        kinds.secret_key,
        None,
        f"The secret that all keys are made from, {SHORTEST} bytes in production. In development "
        "it is made once and kept in the data directory.",
        example="the output of: openssl rand -base64 48",
        secret=True,
    )
    former_secret_keys: tuple[bytes, ...] = _setting(
        "FARADAY_FORMER_SECRET_KEYS",
        kinds.secret_keys,
        "",
        "Earlier secrets, comma-separated, with which what they made can still be read.",
        example="the former FARADAY_SECRET_KEY",
        secret=True,
    )
    cors_origins: tuple[str, ...] = _setting(
        "FARADAY_CORS_ORIGINS",
        kinds.origins,
        "",
        "Origins of browser applications that may call the API, comma-separated.",
        example="https://app.example.org",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "FARADAY_TRUSTED_PROXIES",
        kinds.networks,
        "",
        "Addresses or networks that may say X-Forwarded-For and -Proto, comma-separated.",
        example="10.0.0.0/8,127.0.0.1",
    )
    tls_cert: Path | None = _setting(
        "FARADAY_TLS_CERT",
        kinds.path,
        None,
        "A certificate chain (PEM).",
        example="/etc/ssl/f.pem",
    )
    tls_key: Path | None = _setting(
        "FARADAY_TLS_KEY", kinds.path, None, "Its private key (PEM).", example="/etc/ssl/f.key"
    )
    smtp_url: str | None = _setting(
        "FARADAY_SMTP_URL",
        kinds.smtp_url,
        None,
        "The mail server. Left out: in development each mail is a file below the data directory's "
        "mail/, in production mails wait in the outbox.",
        example="smtp://user:password@mail.example.org:587",
        secret=True,
    )
    mail_from: str = _setting(
        "FARADAY_MAIL_FROM",
        kinds.text,
        "Faraday <no-reply@localhost>",
        "The sender of mails.",
        example="Faraday <no-reply@example.org>",
    )
    registration: Registration | None = _setting(
        "FARADAY_REGISTRATION",
        kinds.choice(Registration),
        None,
        "Whether anybody may make an account. Left out: open in development, closed in "
        "production.",
        example="closed",
    )
    password_min_length: int = _setting(
        "PASSWORD_MIN_LENGTH", kinds.number(1, 1024), "8", "Characters of a password, at least."
    )
    max_login_attempts: int = _setting(
        "MAX_LOGIN_ATTEMPTS",
        kinds.number(1, 10_000),
        "5",
        "Wrong sign-ins in a row, after which an account is locked for a while.",
    )
    lockout_seconds: int = _setting(
        "FARADAY_LOCKOUT_SECONDS", kinds.number(1, 30 * DAY), "900", "How long that lock is."
    )
    session_timeout: int = _setting(
        "USER_SESSION_TIMEOUT",
        kinds.number(1, 366 * DAY),
        "3600",
        "Seconds without use after which a session is over.",
    )
    session_lifetime: int = _setting(
        "FARADAY_SESSION_LIFETIME",
        kinds.number(1, 3660 * DAY),
        "2592000",
        "Seconds after which a session is over whatever its use.",
    )
    max_sessions: int = _setting(
        "FARADAY_MAX_SESSIONS",
        kinds.number(0, 10_000),
        "0",
        "Sessions a person; beyond it the longest unused ends. 0: no limit.",
    )
    access_token_seconds: int = _setting(
        "FARADAY_ACCESS_TOKEN_SECONDS",
        kinds.number(1, DAY),
        "900",
        "The life of an access token.",
    )
    refresh_grace_seconds: int = _setting(
        "FARADAY_REFRESH_GRACE_SECONDS",
        kinds.number(0, 60),
        "10",
        "How long a spent refresh token still answers its successor.",
    )
    reset_token_seconds: int = _setting(
        "FARADAY_RESET_TOKEN_SECONDS",
        kinds.number(1, 30 * DAY),
        "3600",
        "The life of a password reset token.",
    )
    auth_rate_per_minute: int = _setting(
        "FARADAY_AUTH_RATE_PER_MINUTE",
        kinds.number(0, 1_000_000),
        "60",
        "Calls of each sign-in route a minute and address. 0: no limit.",
    )
    rate_limit: int = _setting(
        "FARADAY_RATE_LIMIT",
        kinds.number(0, 1_000_000),
        "0",
        "Requests a minute a person or, not signed in, an address. 0: no limit.",
    )
    max_body_bytes: int = _setting(
        "FARADAY_MAX_BODY_BYTES",
        kinds.number(1024, 1 << 30),
        "1048576",
        "The largest JSON body.",
    )
    erasure_delay_seconds: int = _setting(
        "FARADAY_ERASURE_DELAY_SECONDS",
        kinds.number(0, 366 * DAY),
        "2592000",
        "How long somebody who asked to be erased can be restored. 0: they are erased at once.",
    )
    child_age: int = _setting(
        "FARADAY_CHILD_AGE",
        kinds.number(0, 21),
        "13",
        "Who is younger needs a guardian's consent to whatever is optional. 0: nobody does.",
    )
    retention: Mapping[str, int] = _setting(
        "FARADAY_RETENTION",
        kinds.numbers_of(RETENTION, 0, 36_600),
        "",
        "Days that a kind of data is kept, where that is not its default, comma-separated; 0: as "
        f"long as the account. Kinds: {', '.join(RETENTION)}.",
        example="disclosures=1825,accounts=730",
    )
    memory_max_size: int = _setting(
        "MEMORY_MAX_SIZE",
        kinds.number(1, 8 << 20),
        "1048576",
        "Bytes of a memory's content, at most.",
    )
    memory_retention_days: int = _setting(
        "MEMORY_RETENTION_DAYS",
        kinds.number(0, 36_500),
        "365",
        "How long a memory is kept that names no end itself. 0: for good.",
    )
    memory_cleanup_interval: int = _setting(
        "MEMORY_CLEANUP_INTERVAL",
        kinds.number(1, 366 * DAY),
        "86400",
        "Seconds between two times that memories are tidied up.",
    )
    memory_weights: Weights = _setting(
        "FARADAY_MEMORY_WEIGHTS",
        kinds.weights,
        "",
        "By what memories are ranked, where that is not as in docs/memory-ranking.md, "
        "comma-separated.",
        example="recent=0.5,words_around.before=0.3",
    )
    embeddings_url: str | None = _setting(
        "FARADAY_EMBEDDINGS_URL",
        kinds.http_url,
        None,
        "An endpoint as OpenAI's, `/embeddings` left out, which is told what memories say. "
        "Left out: nothing leaves the machine.",
        example="https://models.example.org/v1",
    )
    embeddings_model: str = _setting(
        "FARADAY_EMBEDDINGS_MODEL",
        kinds.text,
        "text-embedding-3-small",
        "What that endpoint calls its model.",
    )
    embeddings_dimensions: int = _setting(
        "FARADAY_EMBEDDINGS_DIMENSIONS",
        kinds.number(2, 4096),
        "1536",
        "How many numbers a vector of that model has.",
    )
    embeddings_key: str | None = _setting(
        "FARADAY_EMBEDDINGS_KEY",
        kinds.text,
        None,
        "A bearer token for that endpoint.",
        example="sk-...",
        secret=True,
    )
    roster_drop: str | None = _setting(
        "FARADAY_ROSTER_DROP",
        kinds.roster_drop_url,
        None,
        "Where a school's system leaves its rosters, which the server takes from there: "
        "`file:///a/folder`, or `sftp://user@host[:port]/folder`. Left out: nowhere.",
        example="sftp://faraday@files.example.org/outgoing",
    )
    roster_drop_host_key: str | None = _setting(
        "FARADAY_ROSTER_DROP_HOST_KEY",
        kinds.text,
        None,
        "The public key of that SFTP server; no other one is spoken to.",
        example="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...",
    )
    roster_drop_key: Path | None = _setting(
        "FARADAY_ROSTER_DROP_KEY",
        kinds.path,
        None,
        "The file of the private key to sign in there by.",
        example="/etc/faraday/roster_ed25519",
    )
    roster_drop_password: str | None = _setting(
        "FARADAY_ROSTER_DROP_PASSWORD",
        kinds.text,
        None,
        "A password to sign in there by, where there is no key.",
        example="the password",
        secret=True,
    )
    roster_drop_organization: str | None = _setting(
        "FARADAY_ROSTER_DROP_ORGANIZATION",
        kinds.text,
        None,
        "The id of the organisation that they are imported into.",
        example="01890f3e-7b7c-7cc2-98c4-dc0c0c07398f",
    )
    roster_drop_format: RosterFormat = _setting(
        "FARADAY_ROSTER_DROP_FORMAT",
        kinds.choice(RosterFormat),
        "oneroster",
        "Their format: oneroster, canvas-sis, ms-sds or sheet.",
    )
    roster_drop_mode: RosterMode = _setting(
        "FARADAY_ROSTER_DROP_MODE",
        kinds.choice(RosterMode),
        "strict",
        "Whether one refused row stops all (strict), or is left out (tolerant).",
    )
    roster_drop_every: int = _setting(
        "FARADAY_ROSTER_DROP_EVERY",
        kinds.number(1, 7 * DAY),
        "300",
        "Seconds between two looks at that place.",
    )
    metrics_token: str | None = _setting(
        "FARADAY_METRICS_TOKEN",
        kinds.text,
        None,
        "A bearer token that opens /metrics in production to other than loopback and proxies.",
        example="the output of: openssl rand -base64 24",
        secret=True,
    )
    log_level: LogLevel = _setting(
        "FARADAY_LOG_LEVEL", kinds.choice(LogLevel), "info", "The least that is logged."
    )
    log_format: LogFormat | None = _setting(
        "FARADAY_LOG_FORMAT",
        kinds.choice(LogFormat),
        None,
        "Left out: text in development, json in production.",
        example="json",
    )

    @property
    def in_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def logs_json(self) -> bool:
        return (self.log_format or LogFormat.JSON) is LogFormat.JSON and (
            self.log_format is not None or self.in_production
        )

    @property
    def registration_open(self) -> bool:
        default = Registration.CLOSED if self.in_production else Registration.OPEN
        return (self.registration or default) is Registration.OPEN

    @property
    def privacy(self) -> PrivacyPolicy:
        return PrivacyPolicy(self.erasure_delay_seconds, self.child_age, self.retention)

    @property
    def embeddings(self) -> Endpoint | None:
        if self.embeddings_url is None:
            return None
        return Endpoint(
            self.embeddings_url,
            self.embeddings_model,
            self.embeddings_dimensions,
            self.embeddings_key,
        )

    @property
    def memory(self) -> MemoryPolicy:
        return MemoryPolicy(
            self.memory_max_size,
            self.memory_retention_days,
            self.memory_cleanup_interval,
            MOST_WITHOUT_ORGANIZATION if self.in_production else None,
        )

    @property
    def sign_in(self) -> SignInPolicy:
        return SignInPolicy(
            session_timeout=self.session_timeout,
            session_lifetime=self.session_lifetime,
            access_token_seconds=self.access_token_seconds,
            refresh_grace=self.refresh_grace_seconds,
            reset_token_seconds=self.reset_token_seconds,
            max_sessions=self.max_sessions,
            max_attempts=self.max_login_attempts,
            lockout=self.lockout_seconds,
            registration_open=self.registration_open,
        )
