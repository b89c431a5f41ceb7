"""What the product is put together from: a storage, and what stands behind the other ports."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from attrs import Factory, frozen

from adapters.formatting import formats
from adapters.media import Media
from adapters.security.common_passwords import is_common
from adapters.spacing.fsrs_spacing import FsrsSpacing
from adapters.stemming.snowball import SnowballStemmer
from faraday_core.identity.passwords import PasswordHasher
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import AccessTokens, AddressBook, Totp
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.ports import Clock, NewId, Storage
from faraday_core.kernel.secrets import Sealer, SealerOf, Secrets
from faraday_core.mail.ports import Mailer, MailUnit
from faraday_core.memory.analytics_ports import AnalyticsReader, AnalyticsUnit
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.model import MemoryPolicy
from faraday_core.memory.ranking import Stemmer, Vectors, Weights
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.spacing import Spacing
from faraday_core.memory.usage import UsageReader, UsageUnit
from faraday_core.notifications.ports import NotificationsReader, NotificationsUnit, Sender
from faraday_core.preferences.ports import Formats
from faraday_core.preferences.quiet_hours import Channel
from faraday_core.privacy.model import PrivacyPolicy
from faraday_core.privacy.ports import KeptMails, PrivacyReader, PrivacyUnit
from faraday_core.profiles.ports import ProfilesReader, ProfilesUnit
from faraday_core.roster.exporting import ExportReader, ExportUnit
from faraday_core.roster.import_ports import Apart, ImportsReader, ImportsUnit
from faraday_core.roster.importing import Rosters
from faraday_core.roster.ports import RosterReader, RosterUnit
from faraday_core.roster.reading import RosterReaders
from faraday_core.traffic.ports import TrafficUnit


class AppReader(
    ProfilesReader,
    NotificationsReader,
    AnalyticsReader,
    UsageReader,
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
    NotificationsUnit,
    AnalyticsUnit,
    UsageUnit,
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
    embedding: Embedding = Factory(Embedding)
    vectors: Callable[[], Vectors] = PlainVectors
    stemmer: Stemmer = Factory(SnowballStemmer)
    spacing: Spacing = Factory(FsrsSpacing)
    password_min_length: int = 8
    is_common: Callable[[str], bool] = is_common
    now: Clock = utc_now
    new_id: NewId = uuid7
    formats: Formats = Factory(formats)
    senders: Mapping[Channel, Sender] = Factory(dict)
