from http import HTTPStatus

from adapters.http.content import Content
from adapters.http.form import Upload
from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.profiles.avatar_service import AvatarService
from faraday_core.profiles.avatars import AvatarFields, AvatarView, Fallback, Picture, Size
from faraday_core.profiles.model import ProfileFields, RequirementFields, RequirementsView
from faraday_core.profiles.pictures import LARGEST_FILE
from faraday_core.profiles.profile_service import UserProfileService
from faraday_core.profiles.requirement_service import ProfileRequirementService
from faraday_core.profiles.views import ProfileView, SharedProfile

routes = Routes("profiles")

# What is missing in it changes with what an organisation asks for, and its tag does not.
_WHOLE = Terms(always_whole=True)
# Kept, and asked for anew each time: who may see it can change at any moment.
_PICTURE = Terms(cache_control="private, no-cache", refusals=(HTTPStatus.NOT_FOUND,))


@routes.on("GET /users/profile", _WHOLE)
async def get_profile(actor: Actor, profiles: UserProfileService) -> ProfileView:
    """One's own profile, with what is missing in it."""
    return await profiles.get(actor)


@routes.on("PUT /users/profile", _WHOLE)
async def replace_profile(
    actor: Actor, profiles: UserProfileService, body: ProfileFields, if_match: IfMatch = None
) -> ProfileView:
    """Write one's own profile whole; what is left out is empty then."""
    return await profiles.replace(actor, body, seen=if_match)


@routes.on("PATCH /users/profile", _WHOLE)
async def change_profile(
    actor: Actor,
    profiles: UserProfileService,
    body: MergePatch[ProfileFields],
    if_match: IfMatch = None,
) -> ProfileView:
    """Write some fields of one's own profile; null empties one."""
    return await profiles.change(actor, body.onto, seen=if_match)


@routes.on("GET /users/{user_id}/profile", _WHOLE)
async def get_profile_of_user(
    actor: Actor, profiles: UserProfileService, user_id: str
) -> SharedProfile:
    """Somebody's profile, with the fields that the caller may see; the others are empty."""
    return await profiles.seen(actor, user_id)


@routes.on(
    "POST /users/profile/avatar",
    Terms(location="/api/v1/users/profile/avatar", idempotent=True, largest_file=LARGEST_FILE),
)
async def set_avatar(
    actor: Actor, avatars: AvatarService, body: Upload[AvatarFields]
) -> AvatarView:
    """Set one's picture: a PNG, JPEG, WebP or GIF of at most 5 MiB and 40 megapixels.

    It is made anew in four sizes, and nothing else of the file is kept. `crop` is `x,y,size`, each
    a part of the upright picture; `background` shows through where it is clear.
    """
    return await avatars.upload(actor, body.file, body.fields)


@routes.on("GET /users/profile/avatar", _PICTURE)
async def get_own_avatar(
    actor: Actor, avatars: AvatarService, size: Size = 256, fallback: Fallback | None = None
) -> Content:
    """One's own picture."""
    return _content(await avatars.get(actor, size, fallback))


@routes.on("DELETE /users/profile/avatar", Terms(refusals=(HTTPStatus.NOT_FOUND,)))
async def remove_avatar(actor: Actor, avatars: AvatarService) -> None:
    """Have no picture any more."""
    await avatars.remove(actor)


@routes.on("GET /users/{user_id}/avatar", _PICTURE)
async def get_avatar(
    actor: Actor,
    avatars: AvatarService,
    user_id: str,
    size: Size = 256,
    fallback: Fallback | None = None,
) -> Content:
    """Somebody's picture, as a square.

    With `fallback=initials`, of who has none, their initials.
    """
    return _content(await avatars.seen(actor, user_id, size, fallback))


@routes.on("GET /organizations/{organization_id}/profile-requirements")
async def get_profile_requirements(
    actor: Actor, requirements: ProfileRequirementService, organization_id: str
) -> RequirementsView:
    """What an organisation asks of its people's profiles."""
    return await requirements.get(actor, organization_id)


@routes.on("PUT /organizations/{organization_id}/profile-requirements")
async def replace_profile_requirements(
    actor: Actor,
    requirements: ProfileRequirementService,
    organization_id: str,
    body: RequirementFields,
    if_match: IfMatch = None,
) -> RequirementsView:
    """Say what an organisation, and all below it, ask of their people's profiles."""
    return await requirements.replace(actor, organization_id, body, seen=if_match)


def _content(picture: Picture) -> Content:
    suffix = "svg" if "svg" in picture.media_type else "webp"
    return Content(picture.content, picture.media_type, picture.tag, f"avatar.{suffix}")
