from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, Place, not_found, require, require_somewhere
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Fault, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.rules import AtMost, Text
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.ports import path_to
from faraday_core.roster.import_ports import ImportsReader, ImportsStorage
from faraday_core.roster.requests import Heading, Id
from faraday_core.roster.runs import ImportMapping

MOST_MAPPINGS: Final = 100  # of an organisation
_ORDER: Final = ("name", "id")


@frozen
class SheetColumn:
    """`heading`: of the column that holds this field of ours."""

    field: Annotated[str, Text(1, 50)]
    heading: Heading

    __attrs_post_init__ = obey_rules


@frozen
class ImportMappingFields:
    """`organization_id`: None for the caller's."""

    name: Annotated[str, Text(1, 200)]
    columns: Annotated[list[SheetColumn], AtMost(50)]
    organization_id: Id | None = None

    __attrs_post_init__ = obey_rules


@frozen
class ImportMappingView:
    id: str
    organization_id: str
    name: str
    columns: Sequence[SheetColumn]
    created_at: datetime
    updated_at: datetime


@frozen
class ImportMappingFilter:
    """`organization_id`: None for the caller's."""

    organization_id: Id | None = None

    __attrs_post_init__ = obey_rules


@frozen
class ImportMappingService:
    """Keeps by which headings an organisation's sheets are read."""

    storage: ImportsStorage
    organizations: OrganizationService
    now: Clock
    new_id: NewId

    async def put(self, actor: Actor, fields: ImportMappingFields) -> ImportMappingView:
        """Keep it, in place of what bears the name there.

        Raises Invalid, Forbidden, Conflict (`too_many_mappings`).
        """
        require_somewhere(actor, Action.RUN_IMPORTS)
        at, now = home_of(actor, fields.organization_id), self.now()
        try:
            tenant = await self.organizations.tenant_of(actor, at)
            async with self.storage.look(actor, tenant=tenant) as reader:
                await self._allow(actor, reader, at, Action.RUN_IMPORTS)
        except NotFound as error:
            fault = Fault("/organization_id", "unknown_reference", "is no organisation here")
            raise Invalid([fault]) from error
        mapping = {column.field: column.heading for column in fields.columns}
        async with self.storage.begin(actor, tenant=tenant) as unit:
            if known := await unit.imports.mapping(at, fields.name):
                held = await unit.hold(ImportMapping, known.id)
                kept = await unit.save(evolve(held, mapping=mapping, updated_at=now))
            else:
                if len(await unit.imports.mappings(at)) >= MOST_MAPPINGS:
                    detail = f"{MOST_MAPPINGS} mappings are kept here already."
                    raise Conflict(detail, code="too_many_mappings")
                kept = ImportMapping(self.new_id(), at, fields.name, mapping, now, now)
                await unit.add(kept)
            await unit.account(
                "import_mapping.save", "import_mapping", kept.id, organization_id=at
            )
        return _view_of(kept)

    async def named(self, actor: Actor, organization_id: str, name: str) -> Mapping[str, str]:
        """Raises NotFound, Forbidden, Invalid (`unknown_mapping`)."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await self._allow(actor, reader, organization_id, Action.READ_IMPORTS)
            found = await reader.imports.mapping(organization_id, name)
        if found is None:
            detail = "is no mapping that is kept at this organisation"
            raise Invalid([Fault("/mapping", "unknown_mapping", detail)])
        return found.mapping

    async def list(
        self, actor: Actor, wanted: ImportMappingFilter, page: PageRequest
    ) -> Page[ImportMappingView]:
        """Those of an organisation, by their names; none of one that the actor does not see.

        Raises Forbidden, Invalid.
        """
        behind = page.after(ImportMapping, _ORDER)
        at = home_of(actor, wanted.organization_id)
        try:
            tenant = await self.organizations.tenant_of(actor, at)
            async with self.storage.look(actor, tenant=tenant) as reader:
                await self._allow(actor, reader, at, Action.READ_IMPORTS)
                kept = await reader.imports.mappings(at)
        except NotFound:
            return Page(())
        # There are few of them, so that a page is cut from all.
        left = sorted(kept, key=_key)
        shown = cut([one for one in left if behind is None or _key(one) > behind], page, _ORDER)
        return Page(tuple(map(_view_of, shown.items)), shown.next_cursor)

    async def remove(self, actor: Actor, mapping_id: str, wanted: ImportMappingFilter) -> None:
        """Of this organisation. Raises NotFound, Forbidden."""
        at = home_of(actor, wanted.organization_id)
        tenant = await self.organizations.tenant_of(actor, at)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await self._allow(actor, unit, at, Action.RUN_IMPORTS)
            kept = await unit.hold(ImportMapping, mapping_id)
            if kept.organization_id != at:
                raise not_found()
            await unit.remove(kept)
            await unit.account(
                "import_mapping.remove", "import_mapping", mapping_id, organization_id=at
            )

    async def _allow(self, actor: Actor, reader: ImportsReader, at: str, action: Action) -> None:
        place = Place(paths=(await path_to(reader, at),))
        require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)


def _key(kept: ImportMapping) -> tuple[str, str]:
    return kept.name, kept.id


def _view_of(kept: ImportMapping) -> ImportMappingView:
    columns = [SheetColumn(field, heading) for field, heading in kept.mapping.items()]
    return ImportMappingView(
        kept.id, kept.organization_id, kept.name, columns, kept.created_at, kept.updated_at
    )


def home_of(actor: Actor, organization_id: str | None) -> str:
    """The one that is named, or else the caller's own. Raises Invalid."""
    at = organization_id or actor.organization_id
    if at is None:
        raise Invalid([Fault("/organization_id", "required", "is required")])
    return at
