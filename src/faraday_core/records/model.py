from datetime import date, datetime
from typing import Annotated, ClassVar

import attrs
from attrs import frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text

Id = Annotated[str, Text(1, 64)]
TextVersion = Annotated[str, Text(1, 64)]
Purpose = Annotated[str, Text(1, 64)]


@frozen
class Rectification:
    """A correction of what is held about somebody. `old_value`: sealed by the person's own key;
    of what was empty before there is none."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    at: datetime
    field: str
    changed_by: str | None  # None: the operator, or somebody who is erased
    old_value: bytes | None = attrs.field(repr=False)
    version: int = 1


@frozen
class RectificationView:
    id: str
    at: datetime
    field: str
    changed_by: str | None
    old_value: str | None


@frozen
class Consent:
    """Somebody agreed to something optional, to this version of the text that asks for it.

    `granted_by`, `withdrawn_by`: the person, or a guardian.
    """

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    purpose: str
    text_version: str
    granted_at: datetime
    granted_by: str | None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    version: int = 1

    @property
    def is_current(self) -> bool:
        return self.withdrawn_at is None


@frozen
class ConsentView:
    id: str
    purpose: str
    text_version: str
    granted_at: datetime
    granted_by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    _tag: str = attrs.field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class ConsentFields:
    """`purpose`: what it is for, such as `profile`, `avatar` or `track_activity`."""

    purpose: Purpose
    text_version: TextVersion

    __attrs_post_init__ = obey_rules


@frozen
class Disclosure:
    """Somebody else was shown something that is held about a person."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    at: datetime
    reader_id: str | None  # None: the operator, or somebody who is erased
    what: str
    purpose: str
    version: int = 1


@frozen
class DisclosureView:
    id: str
    at: datetime
    reader_id: str | None
    what: str
    purpose: str


@frozen
class Guardianship:
    """Somebody is a child's guardian, as the school has confirmed. `relation`: the word that a
    roster has for what they are to the child: guardian, parent or relative."""

    owner: ClassVar = Owner.TENANT

    id: str
    guardian_id: str
    child_id: str
    confirmed_by: str | None  # None: the operator, or somebody who is erased
    created_at: datetime
    source_root_id: str | None = None  # of one that a roster gave, and may end
    source_system: str | None = None
    relation: str | None = None
    version: int = 1

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it is no more than what a roster says."""
        return self.source_system is not None and self.confirmed_by is None


@frozen
class GuardianView:
    """`relation`: what the guardian is to the child, where a roster has said so."""

    guardian_id: str
    child_id: str
    relation: str | None
    confirmed_by: str | None
    created_at: datetime
    _tag: str = attrs.field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag

    @property
    def id(self) -> str:
        """By which it is found below the child."""
        return self.guardian_id


@frozen
class NewGuardian:
    guardian_id: Id

    __attrs_post_init__ = obey_rules


@frozen
class BirthDate:
    """When somebody was born, where the school has said so: by it they are a child or not."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    born_on: date
    version: int = 1


def consent_view_of(consent: Consent) -> ConsentView:
    return ConsentView(
        consent.id,
        consent.purpose,
        consent.text_version,
        consent.granted_at,
        consent.granted_by,
        consent.withdrawn_at,
        consent.withdrawn_by,
        str(consent.version),
    )


def disclosure_view_of(disclosure: Disclosure) -> DisclosureView:
    return DisclosureView(
        disclosure.id, disclosure.at, disclosure.reader_id, disclosure.what, disclosure.purpose
    )


def guardian_view_of(guardianship: Guardianship) -> GuardianView:
    return GuardianView(
        guardianship.guardian_id,
        guardianship.child_id,
        guardianship.relation,
        guardianship.confirmed_by,
        guardianship.created_at,
        f"{guardianship.id}-{guardianship.version}",
    )
