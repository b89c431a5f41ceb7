import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import evolve, field, frozen

from faraday_core.identity.model import Person
from faraday_core.kernel.parsing import plain
from faraday_core.profiles.completion import Completion
from faraday_core.profiles.model import (
    WRITTEN,
    Education,
    ProfileField,
    ProfileFields,
    Shape,
    UserProfile,
)
from faraday_core.profiles.pictures import SIZES
from faraday_core.profiles.ports import RichText
from faraday_core.profiles.visibility import defaults_of, visibility_of


@frozen
class AvatarLook:
    """How its person wants the picture shown."""

    shape: Shape
    background: str | None
    sizes: tuple[int, ...] = SIZES


@frozen
class SharedProfile:
    """As somebody else sees it; what they do not see is as what is not there."""

    user_id: str
    full_name: str
    preferred_name: str | None
    pronouns: str | None
    name_pronunciation: str | None
    avatar_url: str | None
    avatar: AvatarLook | None
    bio: str | None
    bio_html: str | None
    location: str | None
    job_title: str | None
    education: tuple[Education, ...]
    phone: str | None
    website: str | None
    social_links: Mapping[str, str]


@frozen
class ProfileView:
    """As its own person sees it. `visibility`: of each field, as it is in force."""

    user_id: str
    preferred_name: str | None
    pronouns: str | None
    name_pronunciation: str | None
    avatar_url: str | None
    avatar: AvatarLook | None
    bio: str | None
    bio_html: str | None
    location: str | None
    job_title: str | None
    education: tuple[Education, ...]
    phone: str | None
    website: str | None
    social_links: Mapping[str, str]
    visibility: Mapping[str, str]
    completion: Completion
    created_at: datetime
    updated_at: datetime
    _tag: str = field(repr=False)

    @property
    def tag(self) -> str:
        return self._tag


def tag_of(profile: UserProfile) -> str:
    """Of the written fields alone: a picture, or what is asked for, changes without it."""
    written = {name: plain(getattr(profile, name)) for name in WRITTEN}
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:16]


def written(profile: UserProfile, fields: ProfileFields, person: Person) -> UserProfile:
    """The profile with these fields instead of its own."""
    given: Mapping[str, Any] = plain(fields)  # as its columns have them
    # Who sends back what is in force by itself does not want it to stay so when that changes.
    usual = defaults_of(person)
    own = {
        str(name.value): str(audience.value)
        for name, audience in fields.visibility.items()
        if audience is not usual[name]
    }
    return evolve(profile, **{**given, "visibility": own})


def own_view(
    profile: UserProfile, person: Person, completion: Completion, rich_text: RichText
) -> ProfileView:
    visibility = visibility_of(profile, person)
    return ProfileView(
        user_id=profile.user_id,
        **_shown(profile, rich_text),
        visibility={name.value: audience.value for name, audience in visibility.items()},
        completion=completion,
        created_at=profile.created_at,
        updated_at=profile.updated_at,
        tag=tag_of(profile),
    )


def shared_view(
    profile: UserProfile, person: Person, seen: frozenset[ProfileField], rich_text: RichText
) -> SharedProfile:
    blank = UserProfile(profile.id, profile.user_id, profile.created_at, profile.updated_at)
    shown = evolve(blank, **{name.value: getattr(profile, name) for name in seen})
    if ProfileField.AVATAR_URL in seen:
        shown = evolve(shown, avatar=profile.avatar)
    user = person.user
    return SharedProfile(user_id=user.id, full_name=user.full_name, **_shown(shown, rich_text))


def _shown(profile: UserProfile, rich_text: RichText) -> dict[str, Any]:  # by the views' fields
    fields = {name.value: getattr(profile, name) for name in ProfileField}
    return {
        **fields,
        "education": tuple(Education(**one) for one in profile.education),
        "bio_html": rich_text.html(profile.bio) if profile.bio else None,
        "avatar": _look(profile.avatar) if profile.avatar else None,
    }


def _look(avatar: Mapping[str, Any]) -> AvatarLook:  # as its column has it
    return AvatarLook(Shape(avatar["shape"]), avatar["background"])
