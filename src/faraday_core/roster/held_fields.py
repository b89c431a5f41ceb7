"""Fields that are held against imports: what somebody has put right stays right, whatever the next
file says."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Final

from attrs import evolve, field, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import Action, Place, require
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.rules import AtMost, Text
from faraday_core.organizations.model import Department, Organization
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import place_of
from faraday_core.organizations.ports import Located, locate
from faraday_core.people.subject import meet
from faraday_core.roster.model import AcademicSession, Class, Course
from faraday_core.roster.ports import RosterReader, RosterStorage

Kept = AcademicSession | Course | Class | Organization | Department
_Name = Annotated[str, Text(1, 64)]


@frozen
class Holdable:
    """A kind of thing, by its name in the audit log: what of it can be held, and what it takes to
    see it, to read what is held, and to write that."""

    name: str
    fields: Sequence[str]
    to_see: Action
    to_read: Action
    to_write: Action


_LESSON: Final = (Action.READ_CLASSES, Action.READ_IMPORTS, Action.WRITE_ORGANIZATIONS)
_NODE: Final = (Action.READ_ORGANIZATIONS, Action.READ_IMPORTS, Action.WRITE_ORGANIZATIONS)
USER: Final = Holdable(
    "user",
    (
        "full_name",
        "given_name",
        "middle_name",
        "family_name",
        "username",
        "email",
        "is_active",
        "grades",
        "identifier",
    ),
    Action.READ_USERS,
    Action.READ_USERS,
    Action.WRITE_USERS,
)
HOLDABLE: Final[Mapping[type[Any], Holdable]] = {  # entities'
    AcademicSession: Holdable(
        "academic_session",
        (
            "title",
            "type",
            "starts_on",
            "ends_on",
            "school_year",
            "parent_session_id",
            "is_active",
        ),
        *_LESSON,
    ),
    Course: Holdable(
        "course",
        (
            "title",
            "code",
            "grades",
            "subjects",
            "organization_id",
            "academic_session_id",
            "is_active",
        ),
        *_LESSON,
    ),
    Class: Holdable(
        "class",
        (
            "title",
            "code",
            "type",
            "location",
            "grades",
            "subjects",
            "periods",
            "organization_id",
            "course_id",
            "academic_session_ids",
            "is_active",
        ),
        *_LESSON,
    ),
    Organization: Holdable(
        "organization",
        ("name", "type", "identifier", "parent_organization_id", "is_active"),
        *_NODE,
    ),
    Department: Holdable(
        "department",
        ("name", "organization_id", "parent_department_id", "is_active"),
        *_NODE,
    ),
}


@frozen
class HeldFields:
    """`fields`: what an import leaves as it is."""

    fields: Annotated[list[_Name], AtMost(20)]

    __attrs_post_init__ = obey_rules

    def of(self, holdable: Holdable) -> tuple[str, ...]:
        """Each once, in the order of their names; raises Invalid."""
        known = ", ".join(holdable.fields)
        faults = [
            Fault(f"/fields/{index}", "invalid_value", f"must be one of {known}")
            for index, name in enumerate(self.fields)
            if name not in holdable.fields
        ]
        if faults:
            raise Invalid(faults)
        return tuple(sorted({*self.fields}))


@frozen
class HeldFieldsView:
    fields: tuple[str, ...]
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class HeldFieldService:
    """Which fields of a person or a thing are held."""

    storage: RosterStorage
    nodes: Nodes
    now: Clock

    async def of_user(self, actor: Actor, user_id: str) -> HeldFieldsView:
        """Raises NotFound."""
        subject = await meet(self.storage, actor, user_id, USER.to_read)
        return _view_of(subject.person.user)

    async def hold_of_user(
        self,
        actor: Actor,
        user_id: str,
        held: HeldFields,
        *,
        seen: Collection[str] | None = None,
    ) -> HeldFieldsView:
        """From now on these are held, and no others.

        Raises NotFound, Forbidden, Invalid, StaleVersion.
        """
        subject = await meet(self.storage, actor, user_id, USER.to_write)
        fields = held.of(USER)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            require_state(str(user.version), seen)
            saved = await unit.save(evolve(user, held_fields=fields))
            place = subject.organization_id
            said = " ".join(fields)
            await unit.account(
                "user.hold_fields", USER.name, user_id, organization_id=place, fields=said
            )
        return _view_of(saved)

    async def of(self, actor: Actor, kind: type[Kept], id: str) -> HeldFieldsView:
        """Raises NotFound, Forbidden."""
        async with self.storage.look(actor, tenant=await self._tenant_of(actor, kind, id)) as look:
            found = await look.get(kind, id)
            await _allow(look, actor, found, HOLDABLE[kind].to_read)
        return _view_of(found)

    async def hold(
        self,
        actor: Actor,
        kind: type[Kept],
        id: str,
        held: HeldFields,
        *,
        seen: Collection[str] | None = None,
    ) -> HeldFieldsView:
        """From now on these are held, and no others.

        Raises NotFound, Forbidden, Invalid, StaleVersion.
        """
        holdable, tenant = HOLDABLE[kind], await self._tenant_of(actor, kind, id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            found = await unit.hold(kind, id)
            located = await _allow(unit, actor, found, holdable.to_write)
            require_state(str(found.version), seen)
            fields = held.of(holdable)
            saved = await unit.save(evolve(found, held_fields=fields))
            await unit.account(
                f"{holdable.name}.hold_fields",
                holdable.name,
                id,
                organization_id=located.organization_id,
                fields=" ".join(fields),
            )
        return _view_of(saved)

    async def _tenant_of(self, actor: Actor, kind: type[Kept], id: str) -> str:
        """Among those where the actor holds roles; raises NotFound."""
        if kind is Organization or kind is Department:
            return await self.nodes.tenant_of(actor, id)
        opened = (
            self.storage.look_everywhere(actor)
            if actor.is_platform_admin
            else self.storage.look_across(actor, actor.tenants)
        )
        async with opened as reader:
            lesson: Any = kind  # one of the catalog's
            found = await reader.catalog.one(lesson, id)
            return (await locate(reader, found.organization_id)).path[0]


async def _allow(reader: RosterReader, actor: Actor, found: Kept, action: Action) -> Located:
    if isinstance(found, Organization | Department):
        located, place = await place_of(reader, actor, found.id)
    else:
        located = await locate(reader, found.organization_id)
        place = Place((located.path,))
    require(actor, action, place, to_see=HOLDABLE[type(found)].to_see)
    return located


def _view_of(found: User | Kept) -> HeldFieldsView:
    return HeldFieldsView(tuple(found.held_fields), str(found.version))
