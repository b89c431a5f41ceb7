from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.identity.model import UserView, view_of
from faraday_core.identity.session_model import DeviceView, Identity, NamedDevice, SessionView
from faraday_core.identity.token_model import TokenView
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.access_service import AccessService
from faraday_core.people.model import (
    AccessQuestion,
    AccessView,
    Account,
    NewUser,
    UserFields,
    UserFilter,
)
from faraday_core.people.support_service import SupportService
from faraday_core.people.user_service import UserService

routes = Routes("users")

_LATER = Terms(status=HTTPStatus.ACCEPTED)


@routes.on("GET /users/me")
async def get_oneself(identity: Identity) -> UserView:
    """Who is signed in."""
    return view_of(identity.person)


@routes.on("GET /users")
async def list_users(
    actor: Actor, users: UserService, wanted: UserFilter, page: PageRequest
) -> Page[UserView]:
    """People with a role where the caller administers or supports them.

    `q` finds by the beginning of each word of the name, or of the address.
    """
    return await users.list(actor, wanted, page)


@routes.on("POST /users", Terms(location="/api/v1/users/{id}", idempotent=True))
async def create_user(actor: Actor, users: UserService, body: NewUser) -> UserView:
    """Make an account with a role. Without a password its person is invited by mail."""
    return await users.create(actor, body)


@routes.on("GET /users/{user_id}")
async def get_user(actor: Actor, users: UserService, user_id: str) -> UserView:
    """One person."""
    return await users.get(actor, user_id)


@routes.on("PATCH /users/{user_id}", Terms(refusals=(HTTPStatus.CONFLICT,)))
async def change_user(
    actor: Actor,
    users: UserService,
    user_id: str,
    body: MergePatch[UserFields],
    if_match: IfMatch = None,
) -> UserView:
    """Correct a person's name, give them another address, or let them sign in or not.

    A new address is unverified, and ends all by which the person is signed in; both addresses are
    sent a mail.
    """
    return await users.change(actor, user_id, body.onto, seen=if_match)


@routes.on("DELETE /users/{user_id}", Terms(refusals=(HTTPStatus.CONFLICT,)))
async def deactivate_user(
    actor: Actor, users: UserService, user_id: str, if_match: IfMatch
) -> None:
    """Refuse a person's sign-in from now on, and end their sessions."""
    await users.deactivate(actor, user_id, seen=if_match)


@routes.on("GET /users/{user_id}/access")
async def explain_access(
    actor: Actor, access: AccessService, user_id: str, asked: AccessQuestion
) -> AccessView:
    """Why somebody may do something to an organisation, a department, a team or a person.

    `because` names the roles that decide; where there is none, they may not.
    """
    return await access.explain(actor, user_id, asked)


@routes.on("GET /users/{user_id}/account")
async def get_account(actor: Actor, support: SupportService, user_id: str) -> Account:
    """Whether somebody's account is locked, and what it signs in with."""
    return await support.account(actor, user_id)


@routes.on("POST /users/{user_id}/unlock", _LATER)
async def unlock_user(actor: Actor, support: SupportService, user_id: str) -> None:
    """Set the count of somebody's wrong sign-ins to 0."""
    await support.unlock(actor, user_id)


@routes.on(
    "POST /users/{user_id}/send-reset",
    Terms(status=HTTPStatus.ACCEPTED, refusals=(HTTPStatus.CONFLICT,)),
)
async def send_reset(actor: Actor, support: SupportService, user_id: str) -> None:
    """Mail somebody a token to set a password by."""
    await support.send_reset(actor, user_id)


@routes.on(
    "POST /users/{user_id}/resend-invitation",
    Terms(status=HTTPStatus.ACCEPTED, refusals=(HTTPStatus.CONFLICT,)),
)
async def resend_invitation(actor: Actor, support: SupportService, user_id: str) -> None:
    """Mail somebody who has not chosen a password yet another token to do so by."""
    await support.resend_invitation(actor, user_id)


@routes.on("GET /users/{user_id}/sessions")
async def list_sessions_of_user(
    actor: Actor, support: SupportService, user_id: str, page: PageRequest
) -> Page[SessionView]:
    """Somebody's sessions, the newest first."""
    return await support.sessions(actor, user_id, page)


@routes.on("GET /users/{user_id}/devices")
async def list_devices_of_user(
    actor: Actor, support: SupportService, user_id: str
) -> Page[DeviceView]:
    """The devices that somebody has signed in from before, the one used last first."""
    return await support.devices(actor, user_id)


@routes.on("PATCH /users/{user_id}/devices/{device_id}")
async def name_device_of_user(
    actor: Actor, support: SupportService, user_id: str, device_id: str, body: NamedDevice
) -> DeviceView:
    """Call one of somebody's devices by a name."""
    return await support.name_device(actor, user_id, device_id, name=body.name)


@routes.on("DELETE /users/{user_id}/devices/{device_id}")
async def end_device_of_user(
    actor: Actor, support: SupportService, user_id: str, device_id: str
) -> None:
    """Forget one of somebody's devices, and end its sessions."""
    await support.end_device(actor, user_id, device_id)


@routes.on("GET /users/{user_id}/tokens")
async def list_tokens_of_user(
    actor: Actor, support: SupportService, user_id: str, page: PageRequest
) -> Page[TokenView]:
    """Somebody's personal access tokens, the newest first."""
    return await support.tokens(actor, user_id, page)


@routes.on("DELETE /users/{user_id}/tokens/{token_id}")
async def end_token_of_user(
    actor: Actor, support: SupportService, user_id: str, token_id: str
) -> None:
    """End one of somebody's tokens at once."""
    await support.end_token(actor, user_id, token_id)


@routes.on("DELETE /users/{user_id}/sessions")
async def end_sessions_of_user(actor: Actor, support: SupportService, user_id: str) -> None:
    """Sign somebody out everywhere."""
    await support.end_sessions(actor, user_id)


@routes.on("DELETE /users/{user_id}/sessions/{session_id}")
async def end_session_of_user(
    actor: Actor, support: SupportService, user_id: str, session_id: str
) -> None:
    """Sign one of somebody's devices out."""
    await support.end_session(actor, user_id, session_id)
