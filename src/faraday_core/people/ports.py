"""What the administration of people asks of storage, beside what their accounts are kept by."""

from collections.abc import Collection, Sequence
from typing import Protocol

from faraday_core.identity.ports import AddressBook, IdentityReader, IdentityUnit
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.organizations.ports import OrganizationsReader, OrganizationsUnit
from faraday_core.people.model import Listing, UserFilter
from faraday_core.records.ports import RecordsReader, RecordsUnit


class Directory(Protocol):
    async def page(
        self, nodes: Sequence[str] | None, wanted: UserFilter, page: PageRequest
    ) -> Page[Listing]:
        """People with a role at these organisations or below them (None: anywhere in sight), in
        the order of their making, or, where `wanted.q` is given, of the words that it finds.

        A `platform_admin` is in no list but those of all.
        """

    async def tenants_of(self, user_id: str) -> Sequence[str]:
        """Those in sight in which the person holds a role."""


class DirectoryEntries(Protocol):
    async def describe(self, user_id: str, terms: Collection[str]) -> None:
        """From now on the person is found by these terms, in the tenant stood in."""


class PeopleReader(IdentityReader, OrganizationsReader, RecordsReader, Protocol):
    @property
    def directory(self) -> Directory: ...


class PeopleUnit(PeopleReader, IdentityUnit, OrganizationsUnit, RecordsUnit, Protocol):
    @property
    def directory_entries(self) -> DirectoryEntries: ...


class PeopleStorage(Storage[PeopleUnit, PeopleReader], AddressBook, Protocol):
    """Where accounts and organisations are kept."""
