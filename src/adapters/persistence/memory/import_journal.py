"""What a run writes, with what it takes to be taken back: of what it creates the ids, of what it
changes the whole row as it was."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from attrs import Factory, define, evolve, frozen

from adapters.persistence.memory.rows import Kind, Rows
from faraday_core.kernel.entity import Entity, next_version

E = TypeVar("E", bound=Entity)


@frozen
class ImportCreation:
    run_id: str
    kind: Kind
    ids: tuple[str, ...]


@frozen
class ImportChange:
    """`user_id`: with whom it goes. `before`: an entity."""

    run_id: str
    kind: Kind
    row_id: str
    user_id: str | None
    before: Any


@define
class Journal:
    rows: Rows
    run_id: str
    _created: dict[Kind, list[str]] = Factory(dict)

    def create(self, entity: Entity) -> None:
        self.rows.write(entity, entity)
        self._created.setdefault(type(entity), []).append(entity.id)

    def change(self, old: E, **changes: Any) -> E:
        self._note(old)
        changed = next_version(cast(E, evolve(cast(Any, old), **changes)))
        self.rows.write(old, changed)
        return changed

    def remove(self, old: Entity) -> None:
        self._note(old)
        self.rows.write(old, None)

    def has_changed(self, entity: Entity) -> bool:
        return self._key(entity) in self.rows.by_id(ImportChange)

    def close(self) -> None:
        for kind, ids in self._created.items():
            made = ImportCreation(self.run_id, kind, tuple(ids))
            self.rows.put(f"{self.run_id} {kind.__name__}", made, str(self.rows.scope.tenant_id))

    def _note(self, old: Any) -> None:  # an entity
        kind = type(old)
        who = getattr(old, "user_id", None) or getattr(old, "child_id", None)
        person = old.id if kind.__name__ == "User" else who
        change = ImportChange(self.run_id, kind, old.id, person, old)
        self.rows.put(self._key(old), change, str(self.rows.scope.tenant_id))

    def _key(self, entity: Entity) -> str:
        return f"{self.run_id} {type(entity).__name__} {entity.id}"


def changes_of(rows: Rows, run_id: str) -> Iterator[tuple[str, ImportChange]]:
    """Each by its key."""
    for key, stored in list(rows.by_id(ImportChange).items()):
        if stored.row is not None and stored.row.run_id == run_id:
            yield key, stored.row


def creations_of(rows: Rows, run_id: str) -> Iterator[tuple[str, ImportCreation]]:
    for key, stored in list(rows.by_id(ImportCreation).items()):
        if stored.row is not None and stored.row.run_id == run_id:
            yield key, stored.row
