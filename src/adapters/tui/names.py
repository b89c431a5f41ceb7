from attrs import define, field

from adapters.tui.desk import SupportDesk
from adapters.tui.seen import Place, RoleHeld
from faraday_core.kernel.errors import Forbidden, NotFound


@define
class Names:
    """What ids are called, each asked for once; an id where it may not be seen, or is gone."""

    desk: SupportDesk
    _people: dict[str, str] = field(factory=dict)
    _places: dict[str, str] = field(factory=dict)

    async def of_person(self, user_id: str) -> str:
        if user_id not in self._people:
            try:
                self._people[user_id] = (await self.desk.person(user_id)).full_name
            except (NotFound, Forbidden):
                self._people[user_id] = user_id
        return self._people[user_id]

    async def of_place(self, held: RoleHeld) -> str:
        if held.scope_id is None:
            return "the platform"
        if held.scope_id not in self._places:
            try:
                self._places[held.scope_id] = (await self.desk.place(held)).name
            except (NotFound, Forbidden):
                self._places[held.scope_id] = held.scope_id
        return self._places[held.scope_id]

    def know(self, place: Place) -> None:
        self._places[place.id] = place.name
