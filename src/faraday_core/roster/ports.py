"""What is asked of storage about what is taught."""

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from attrs import frozen

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.organizations.ports import Sight
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.roster.model import AcademicSession, Class, Course, EnrollmentFilter
from faraday_core.roster.views import ClassOfUser, EnrollmentView

T = TypeVar("T", AcademicSession, Course, Class)


@frozen
class Wanted:
    """What a list is narrowed to; None: not by that."""

    course_id: str | None = None
    academic_session_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    include_inactive: bool = False


@frozen
class Part:
    """That somebody takes part in a class at present, as what."""

    user_id: str
    role: str


@frozen
class Own:
    """One of the things that somebody's own classes stand on, and where it lies."""

    id: str
    organization_id: str


class Catalog(Protocol):
    """In the tenants stood in. What is one's own is what the person stood at, and those whose
    guardian they are there, take part in at present."""

    async def page(
        self, kind: type[T], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[T]:
        """In the order of their making. `sight`: None for all that there are."""

    async def one(self, kind: type[T], id: str) -> T:
        """Raises NotFound."""

    async def own(self, kind: type[T]) -> Sequence[Own]:
        """One's own classes, or the courses and sessions of these."""

    async def parts(self, class_id: str) -> Sequence[Part]:
        """One's own in a class."""

    async def enrollments(
        self,
        class_id: str,
        people: Collection[str] | None,
        wanted: EnrollmentFilter,
        page: PageRequest,
    ) -> Page[EnrollmentView]:
        """Of a class, active or not, who came first first. `people`: of these alone."""

    async def classes_of(
        self, user_id: str, sight: Sight | None, page: PageRequest, *, include_inactive: bool
    ) -> Page[ClassOfUser]:
        """Those that a person takes part in, once for each role. `sight`: those that are seen;
        None: all."""

    async def tenants_as_guardian(self, child_id: str) -> Sequence[str]:
        """Where the person stood at is a child's guardian."""


class RosterReader(PeopleReader, Protocol):
    @property
    def catalog(self) -> Catalog: ...


class RosterUnit(RosterReader, PeopleUnit, Protocol):
    """And the verbs."""


class RosterStorage(Storage[RosterUnit, RosterReader], AddressBook, Protocol):
    """Where all of it is kept."""
