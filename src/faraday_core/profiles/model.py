from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from attrs import field, fields, frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import AtMost, Between, Text
from faraday_core.preferences.model import Visibility
from faraday_core.profiles.web_address import WebAddress

MOST_LINKS: Final = 20
MOST_SCHOOLS: Final = 30

Json = Mapping[str, Any]  # as its column has it
Line = Annotated[str, Text(0, 120)]
Link = Annotated[str, WebAddress(255)]
LinkName = Annotated[str, Text(1, 50)]
Year = Annotated[int, Between(1900, 2100)]


class ProfileField(StrEnum):
    """What a profile is made of. Each has a visibility, and each may be asked for."""

    PREFERRED_NAME = "preferred_name"
    PRONOUNS = "pronouns"
    NAME_PRONUNCIATION = "name_pronunciation"
    AVATAR_URL = "avatar_url"
    BIO = "bio"
    LOCATION = "location"
    JOB_TITLE = "job_title"
    EDUCATION = "education"
    PHONE = "phone"
    WEBSITE = "website"
    SOCIAL_LINKS = "social_links"


class Shape(StrEnum):
    CIRCLE = "circle"
    SQUARE = "square"
    ROUNDED = "rounded"


@frozen
class Education:
    institution: Annotated[str, Text(1, 200)]
    degree: Annotated[str, Text(0, 200)] | None = None
    year: Year | None = None

    __attrs_post_init__ = obey_rules


@frozen
class UserProfile:
    """What a person tells of themselves. `avatar`: what the picture is kept as."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    created_at: datetime
    updated_at: datetime
    avatar_url: str | None = None
    avatar: Json | None = None
    bio: str | None = None
    location: str | None = None
    website: str | None = None
    social_links: Mapping[str, str] = field(factory=dict)
    phone: str | None = None
    job_title: str | None = None
    education: Sequence[Json] = field(default=(), converter=tuple)
    preferred_name: str | None = None
    pronouns: str | None = None
    name_pronunciation: str | None = None
    visibility: Mapping[str, str] = field(factory=dict)
    version: int = 1


@frozen
class ProfileFields:
    """What a person writes of it; what it shows besides may be sent back, and is ignored."""

    READ_ONLY: ClassVar = frozenset(
        {"user_id", "avatar_url", "avatar", "bio_html", "completion", "created_at", "updated_at"}
    )

    preferred_name: Line | None = None
    pronouns: Annotated[str, Text(0, 60)] | None = None
    name_pronunciation: Line | None = None
    bio: Annotated[str, Text(0, 5000, lines=True)] | None = None
    location: Annotated[str, Text(0, 100)] | None = None
    website: Link | None = None
    social_links: Annotated[Mapping[LinkName, Link], AtMost(MOST_LINKS)] = field(factory=dict)
    phone: Annotated[str, Text(0, 50)] | None = None
    job_title: Line | None = None
    education: Annotated[tuple[Education, ...], AtMost(MOST_SCHOOLS)] = field(
        default=(), converter=tuple
    )
    visibility: Mapping[ProfileField, Visibility] = field(factory=dict)

    __attrs_post_init__ = obey_rules


WRITTEN: Final = tuple(one.name for one in fields(ProfileFields))


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


@frozen
class ProfileRequirements:
    """What an organisation asks of its people's profiles, and of those of all below it."""

    owner: ClassVar = Owner.TENANT

    id: str  # the organisation's
    required_fields: tuple[str, ...] = field(converter=_names)
    badges: bool | None
    updated_at: datetime
    version: int = 1


@frozen
class RequirementFields:
    """`badges`: whether stages are rewarded; None: as the organisation above has it, else yes."""

    READ_ONLY: ClassVar = frozenset({"organization_id", "updated_at"})

    required_fields: Annotated[tuple[ProfileField, ...], AtMost(len(ProfileField))] = field(
        default=(), converter=tuple
    )
    badges: bool | None = None

    __attrs_post_init__ = obey_rules


@frozen
class RequirementsView:
    organization_id: str
    required_fields: tuple[ProfileField, ...]
    badges: bool | None
    updated_at: datetime | None
    _tag: str

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class ProfileCompleted:
    """Nothing is missing any more of what is asked for."""

    user_id: str


@frozen
class BadgeEarned:
    """A stage of completion is reached, where an organisation has badges."""

    user_id: str
    badge: str


@frozen
class AvatarReplaced:
    """The objects of an earlier picture, which nothing refers to any more."""

    user_id: str
    names: tuple[str, ...] = field(converter=_names)
