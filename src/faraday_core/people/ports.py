"""What the administration of people asks of storage, beside what their accounts are kept by."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from faraday_core.identity.ports import AddressBook, IdentityReader, IdentityUnit
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.organizations.ports import OrganizationsReader, OrganizationsUnit
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.model import Listing, UserFilter
from faraday_core.people.service_account_model import ServiceAccount
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


class Invitations(Protocol):
    """Of the tenant stood in."""

    async def with_token(self, token_hash: bytes, now: datetime) -> Invitation | None:
        """The one that is open."""

    async def to_address(self, organization_id: str, email_key: str) -> Invitation | None:
        """Open or not."""

    async def count(self, organization_id: str, now: datetime) -> int:
        """How many to this organisation are open."""

    async def page(
        self, organization_id: str, page: PageRequest, now: datetime
    ) -> Page[Invitation]:
        """The open ones to this organisation, the newest first."""


class ServiceAccounts(Protocol):
    async def page(self, organization_id: str, page: PageRequest) -> Page[ServiceAccount]:
        """Of this organisation, the newest first, without those that are deactivated."""


class PeopleReader(IdentityReader, OrganizationsReader, RecordsReader, Protocol):
    @property
    def directory(self) -> Directory: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def service_accounts(self) -> ServiceAccounts: ...


class PeopleUnit(PeopleReader, IdentityUnit, OrganizationsUnit, RecordsUnit, Protocol):
    @property
    def directory_entries(self) -> DirectoryEntries: ...


class PeopleStorage(Storage[PeopleUnit, PeopleReader], AddressBook, Protocol):
    """Where accounts and organisations are kept."""
