"""Which fields of a profile somebody sees. The whole of it is a matter of its person's
preferences; within that, each field has a visibility of its own."""

from collections.abc import Mapping
from typing import Final

from faraday_core.identity.model import Person
from faraday_core.preferences.model import Visibility
from faraday_core.preferences.visibility import STRICT
from faraday_core.profiles.model import ProfileField, UserProfile

_F = ProfileField
_FOR_ALL: Final = dict.fromkeys(ProfileField, Visibility.ORGANIZATION)
DEFAULTS: Final[Mapping[ProfileField, Visibility]] = _FOR_ALL | {_F.PHONE: Visibility.STAFF}
# Of guardians, pupils and whoever has no role; their whole profile is private until they say so.
STRICT_DEFAULTS: Final[Mapping[ProfileField, Visibility]] = {
    **_FOR_ALL,
    _F.PRONOUNS: Visibility.STAFF,
    _F.BIO: Visibility.STAFF,
    _F.EDUCATION: Visibility.STAFF,
    _F.JOB_TITLE: Visibility.STAFF,
    _F.LOCATION: Visibility.PRIVATE,
    _F.PHONE: Visibility.PRIVATE,
    _F.WEBSITE: Visibility.PRIVATE,
    _F.SOCIAL_LINKS: Visibility.PRIVATE,
}


def defaults_of(person: Person) -> Mapping[ProfileField, Visibility]:
    roles = {grant.role for grant in person.roles}
    return DEFAULTS if roles and not roles & STRICT else STRICT_DEFAULTS


def visibility_of(profile: UserProfile, person: Person) -> Mapping[ProfileField, Visibility]:
    """As it is in force, of each field."""
    own = {ProfileField(name): Visibility(value) for name, value in profile.visibility.items()}
    return {**defaults_of(person), **own}
