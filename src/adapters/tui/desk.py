"""All that the terminal asks of the product, whichever way it is reached.

Each method raises what the services do (`faraday_core.kernel.errors`): NotSignedIn when the
session is over, Forbidden, NotFound, Unavailable.
"""

from collections.abc import Sequence
from typing import Protocol

from adapters.tui.seen import (
    Account,
    Answer,
    AuditQuestion,
    ClassTaken,
    Device,
    Entry,
    Guardian,
    HeldFields,
    Import,
    Member,
    MemoryUsage,
    Person,
    Place,
    RoleHeld,
    Session,
)
from faraday_core.kernel.paging import Page


class SupportDesk(Protocol):
    """Where whoever signed in works, as their roles allow."""

    @property
    def me(self) -> Person:
        """Who has signed in."""

    async def sign_out(self) -> None:
        """End the session, unless it is over already."""

    async def people(self, text: str) -> Page[Person]:
        """Those whose name or address has a word that begins so, or whose id in the files that
        brought them in this is."""

    async def person(self, user_id: str) -> Person: ...

    async def account(self, user_id: str) -> Account: ...

    async def sessions(self, user_id: str) -> Page[Session]: ...

    async def devices(self, user_id: str) -> Page[Device]:
        """Those that the person has signed in from before."""

    async def classes(self, user_id: str) -> Page[ClassTaken]: ...

    async def guardians(self, user_id: str) -> Page[Guardian]: ...

    async def memory_usage(self, user_id: str) -> MemoryUsage: ...

    async def imports(self, cursor: str | None = None) -> Page[Import]:
        """The newest first, without their refused rows; of what is but planned, what waits to be
        accepted as a large change."""

    async def one_import(self, import_id: str) -> Import: ...

    async def imports_of(self, user_id: str) -> Page[Import]:
        """Those that have created or changed a person."""

    async def held_fields(self, user_id: str) -> HeldFields:
        """What of a person an import leaves as it is."""

    async def audit(self, asked: AuditQuestion, cursor: str | None = None) -> Page[Entry]: ...

    async def may(self, user_id: str, resource: str) -> Sequence[Answer]:
        """What a person may do to a node, to a person, or on the "platform"."""

    async def place(self, held: RoleHeld) -> Place:
        """The node at which a role is held."""

    async def top_places(self) -> Page[Place]:
        """Where the tree begins for whoever signed in."""

    async def places_in(self, place: Place) -> Page[Place]:
        """What lies in it directly, the organisations first."""

    async def members(self, place: Place) -> Page[Member]:
        """Who holds a role at the node itself."""

    async def unlock(self, user_id: str) -> None: ...

    async def end_session(self, user_id: str, session_id: str) -> None: ...

    async def end_sessions(self, user_id: str) -> None: ...

    async def send_reset(self, user_id: str) -> None: ...

    async def resend_invitation(self, user_id: str) -> None: ...

    async def rename(self, user_id: str, full_name: str) -> None: ...

    async def hold_fields(self, user_id: str, fields: Sequence[str]) -> None:
        """These, and no others."""

    async def give_role(self, user_id: str, role: str, place: Place) -> None: ...

    async def end_role(self, user_id: str, held: RoleHeld) -> None: ...


class Entrance(Protocol):
    """Where one signs in to a desk."""

    async def sign_in(self, email: str, password: str, code: str | None) -> SupportDesk:
        """Raises NotSignedIn (`totp_required` where a code is needed), TooMany, Unavailable."""

    async def close(self) -> None: ...
