import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from attrs import evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, not_found, require, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import FaradayError, NotFound
from faraday_core.kernel.objects import ObjectStore, objects_of
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.profiles.avatars import (
    AvatarFields,
    AvatarView,
    Fallback,
    Picture,
    avatar_url_of,
)
from faraday_core.profiles.initials import picture_of_initials
from faraday_core.profiles.keeping import keep
from faraday_core.profiles.model import AvatarReplaced, ProfileField, UserProfile
from faraday_core.profiles.pictures import Cut, measured
from faraday_core.profiles.ports import Pictures, ProfilesStorage
from faraday_core.profiles.standing import profile_of, seen_by, standing_of
from faraday_core.records.consents import ConsentGate

WEBP: Final = "image/webp"
SVG: Final = "image/svg+xml"
UNDER_WAY: Final = timedelta(hours=1)  # by when what an upload has put is referred to, or never


@frozen
class AvatarService:
    """People's pictures: made anew from what they send, kept as objects, seen as profiles are."""

    storage: ProfilesStorage
    objects: ObjectStore
    pictures: Pictures
    gate: ConsentGate
    now: Clock
    new_id: NewId

    async def upload(
        self, actor: Actor, content: bytes, fields: AvatarFields | None = None
    ) -> AvatarView:
        """Set one's picture, in place of an earlier one; its squares are there by then.

        Raises UnsupportedImage, Invalid (`invalid_image`, `image_too_large`), Unavailable
        (`overloaded`), Forbidden (`guardian_consent_required`).
        """
        user_id, fields = require_own(actor), fields or AvatarFields()
        cut = Cut(fields.cut_at, fields.background)
        squares = await self.pictures.squares(content, measured(content), cut)
        names = self._names(user_id, squares)
        try:
            for size, square in squares.items():
                await self.objects.put(names[str(size)], square)
            look = {"shape": str(fields.shape.value), "background": fields.background}
            await self._set(actor, user_id, {"objects": names, "crop": fields.crop} | look)
        except BaseException:
            with suppress(FaradayError):
                await self.objects.delete(names.values())
            raise
        return AvatarView(avatar_url_of(user_id))

    async def get(self, actor: Actor, size: int, fallback: Fallback | None = None) -> Picture:
        """One's own; raises NotFound, Unavailable."""
        return await self.seen(actor, require_own(actor), size, fallback)

    async def seen(
        self, actor: Actor, user_id: str, size: int, fallback: Fallback | None = None
    ) -> Picture:
        """Somebody's, in a square of this size; raises NotFound, Unavailable.

        `fallback`: what is shown of who has none, or none that the actor sees.
        """
        for last_try in (False, True):
            seen = await seen_by(self.storage, actor, user_id)
            avatar = seen.profile.avatar if ProfileField.AVATAR_URL in seen.fields else None
            if avatar is None:
                if fallback is None:
                    raise not_found()
                made = picture_of_initials(seen.person.user.full_name, user_id, size)
                return Picture(made, SVG, _digest(made))
            name = avatar["objects"][str(size)]
            try:
                return Picture(await self.objects.get(name), WEBP, _digest_in(name))
            except NotFound:  # replaced since it was looked up
                if last_try:
                    raise
        raise AssertionError

    async def remove(self, actor: Actor) -> None:
        """Have no picture any more; raises NotFound."""
        await self._set(actor, require_own(actor), None)

    async def tidy(self, actor: Actor, event: AvatarReplaced) -> None:
        """What a worker does when a picture is no more: its objects go, and those of uploads that
        never came to an end. Raises Unavailable."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        await self.objects.delete(event.names)
        every = await self.objects.names(_avatars_of(event.user_id))
        lost = [name for name in every if self._is_old(name)]
        if lost:
            used = await self._used(actor, event.user_id)
            await self.objects.delete([name for name in lost if name not in used])

    async def _set(self, actor: Actor, user_id: str, avatar: Mapping[str, Any] | None) -> None:
        async with self.storage.look_across(actor, actor.tenants) as reader:
            standing = await standing_of(reader, user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            profile = await profile_of(unit, await unit.hold(User, user_id))
            if avatar is None and profile.avatar is None:
                raise not_found()
            if avatar:
                await self.gate.require(unit, user_id, "avatar")
            url = avatar_url_of(user_id) if avatar else None
            new = evolve(profile, avatar=avatar, avatar_url=url, updated_at=self.now())
            await keep(unit, profile, new, standing)
            if profile.avatar:
                names = tuple(profile.avatar["objects"].values())
                await unit.record(AvatarReplaced(user_id, names))
            action = "avatar.set" if avatar else "avatar.remove"
            await unit.account(action, "user", user_id, organization_id=actor.organization_id)

    async def _used(self, actor: Actor, user_id: str) -> frozenset[str]:
        async with self.storage.look(actor, person=user_id) as reader:
            try:
                profile = await reader.get(UserProfile, user_id)
            except NotFound:
                return frozenset()
        return frozenset(profile.avatar["objects"].values() if profile.avatar else ())

    def _names(self, user_id: str, squares: Mapping[int, bytes]) -> dict[str, str]:
        """By the content, below the id of the upload: the same picture sent twice is kept twice,
        so that taking away the first leaves the second."""
        folder = f"{_avatars_of(user_id)}{self.new_id()}"
        return {str(size): f"{folder}/{_digest(square)}.webp" for size, square in squares.items()}

    def _is_old(self, name: str) -> bool:
        upload = name.split("/")[-2]
        made = int(upload.replace("-", "")[:12], 16) / 1000  # UUIDv7 begins with its milliseconds
        return made < (self.now() - UNDER_WAY).timestamp()


def _avatars_of(user_id: str) -> str:
    return f"{objects_of(user_id)}avatars/"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_in(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".webp")
