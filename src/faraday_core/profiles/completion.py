"""How much of a profile is there, and what to tell next."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from attrs import frozen

from faraday_core.kernel.access import highest
from faraday_core.kernel.actor import Role
from faraday_core.profiles.model import ProfileField, UserProfile

_F = ProfileField
# What all are asked for who work at a school; guardians and pupils are asked for little.
_OPTIONAL_OF_ADULTS: Final = (
    _F.AVATAR_URL,
    _F.BIO,
    _F.LOCATION,
    _F.JOB_TITLE,
    _F.EDUCATION,
    _F.PHONE,
    _F.WEBSITE,
    _F.SOCIAL_LINKS,
)


@frozen
class Asked:
    """`required` come first; what is in neither counts for nothing."""

    required: tuple[ProfileField, ...]
    optional: tuple[ProfileField, ...]


_STAFF: Final = Asked((_F.JOB_TITLE, _F.PHONE), _OPTIONAL_OF_ADULTS)
ASKED_OF: Final[Mapping[Role | None, Asked]] = {
    Role.PLATFORM_ADMIN: _STAFF,
    Role.ORG_ADMIN: _STAFF,
    Role.SUPPORT: _STAFF,
    Role.DEPARTMENT_HEAD: _STAFF,
    Role.TEACHER: Asked((_F.BIO, _F.JOB_TITLE), _OPTIONAL_OF_ADULTS),
    Role.GUARDIAN: Asked((_F.PHONE,), (_F.AVATAR_URL, _F.BIO, _F.LOCATION)),
    Role.STUDENT: Asked((), (_F.AVATAR_URL, _F.BIO)),
    None: Asked((), _OPTIONAL_OF_ADULTS),
}
BADGES: Final = {25: "started", 50: "halfway", 75: "nearly_there", 100: "complete"}


@frozen
class Step:
    field: ProfileField
    required: bool
    done: bool


@frozen
class Completion:
    """`missing`: in the order in which to fill it in, what is required first."""

    percent: int
    missing: tuple[ProfileField, ...]
    required: tuple[ProfileField, ...]
    optional: tuple[ProfileField, ...]
    steps: tuple[Step, ...]
    badges: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.missing


def asked_of(roles: Iterable[Role], by_organization: Collection[str] = ()) -> Asked:
    """Of a person with these roles, the highest of which counts; their organisations may ask for
    more."""
    held = [*roles]
    own = ASKED_OF[highest(held) if held else None]
    required = tuple(f for f in ProfileField if f in own.required or f in by_organization)
    return Asked(required, tuple(f for f in own.optional if f not in required))


def completion_of(profile: UserProfile, asked: Asked, *, with_badges: bool) -> Completion:
    steps = (
        *(Step(field, True, _is_there(profile, field)) for field in asked.required),  # noqa: FBT003 -- it is required
        *(Step(field, False, _is_there(profile, field)) for field in asked.optional),  # noqa: FBT003 -- it is not
    )
    missing = tuple(step.field for step in steps if not step.done)
    percent = 100 * (len(steps) - len(missing)) // len(steps) if steps else 100
    badges = (badge for stage, badge in BADGES.items() if with_badges and percent >= stage)
    return Completion(percent, missing, asked.required, asked.optional, steps, tuple(badges))


def _is_there(profile: UserProfile, field: ProfileField) -> bool:
    value = getattr(profile, field)
    return bool(value.strip() if isinstance(value, str) else value)
