"""What profiles ask of the world."""

from collections.abc import Collection, Mapping
from typing import Protocol

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.ports import Storage
from faraday_core.preferences.ports import PreferencesReader, PreferencesUnit
from faraday_core.profiles.model import ProfileRequirements
from faraday_core.profiles.pictures import Cut, Measured


class RequirementsOfOrganizations(Protocol):
    async def of(self, organization_ids: Collection[str]) -> Mapping[str, ProfileRequirements]:
        """By organisation; those that ask for nothing, or cannot be seen from here, are left
        out."""


class ProfilesReader(PreferencesReader, Protocol):
    @property
    def profile_requirements(self) -> RequirementsOfOrganizations: ...


class ProfilesUnit(ProfilesReader, PreferencesUnit, Protocol):
    """All that can be asked, and the verbs that change something."""


class ProfilesStorage(Storage[ProfilesUnit, ProfilesReader], AddressBook, Protocol):
    """Where profiles are kept, beside people and what they prefer."""


class Pictures(Protocol):
    async def squares(self, content: bytes, measured: Measured, cut: Cut) -> Mapping[int, bytes]:
        """The picture upright and cut to a square, as WebP in each of the SIZES, and of the
        content nothing but that.

        Raises Invalid (`invalid_image`, `image_too_large`), Unavailable (`overloaded`).
        """


class RichText(Protocol):
    def html(self, markdown: str) -> str:
        """What a browser may be given, whatever the text holds: no script, no style, no picture
        from elsewhere, links that give nothing away."""
