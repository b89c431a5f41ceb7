from collections.abc import Callable, Collection

from attrs import evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import Action, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.ports import Clock
from faraday_core.people.subject import meet
from faraday_core.profiles.keeping import keep
from faraday_core.profiles.model import WRITTEN, ProfileFields, UserProfile
from faraday_core.profiles.ports import ProfilesStorage, ProfilesUnit, RichText
from faraday_core.profiles.standing import (
    Standing,
    look_at_profiles,
    profile_of,
    seen_by,
    standing_of,
)
from faraday_core.profiles.views import (
    ProfileView,
    SharedProfile,
    own_view,
    shared_view,
    tag_of,
    written,
)
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog
from faraday_core.records.rectifications import RectificationLog


@frozen
class UserProfileService:
    """What people tell of themselves, and to whom."""

    storage: ProfilesStorage
    rich_text: RichText
    disclosures: DisclosureLog
    rectifications: RectificationLog
    gate: ConsentGate
    now: Clock

    async def get(self, actor: Actor) -> ProfileView:
        """One's own; the empty one of who has written none yet."""
        user_id = require_own(actor)
        async with self.storage.look_across(actor, actor.tenants) as reader:
            standing = await standing_of(reader, user_id)
            profile = await profile_of(reader, standing.person.user)
        return self._view(profile, standing)

    async def seen(self, actor: Actor, user_id: str) -> SharedProfile:
        """Somebody's, with the fields that the actor sees, which is a disclosure; raises
        NotFound."""
        seen = await seen_by(self.storage, actor, user_id)
        await self.disclosures.note(actor, user_id, "profile", "as its visibility allows")
        return shared_view(seen.profile, seen.person, seen.fields, self.rich_text)

    async def replace(
        self, actor: Actor, fields: ProfileFields, *, seen: Collection[str] | None = None
    ) -> ProfileView:
        """Write one's own whole; what is left out is empty then. Raises StaleVersion."""
        return await self.change(actor, lambda _: fields, seen=seen)

    async def change(
        self,
        actor: Actor,
        change: Callable[[UserProfile], ProfileFields],
        *,
        seen: Collection[str] | None = None,
    ) -> ProfileView:
        """Write one's own, by fields made from the latest ones.

        `seen`: tags of the states that the caller has seen. Raises Invalid, StaleVersion,
        Forbidden (`guardian_consent_required`).
        """
        user_id = require_own(actor)
        async with self.storage.look_across(actor, actor.tenants) as reader:
            standing = await standing_of(reader, user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)  # or two first writes would meet
            old = await profile_of(unit, user)
            new = written(old, change(old), standing.person)
            require_state(tag_of(old), seen)
            if tag_of(new) != tag_of(old):
                await self._note(unit, actor, old, new)
                new = evolve(new, updated_at=self.now())
                new = await keep(unit, old, new, standing)
                organization = actor.organization_id
                await unit.account("profile.update", "user", user_id, organization_id=organization)
        return self._view(new, standing)

    async def inspect(self, actor: Actor, user_id: str) -> ProfileView:
        """Somebody's, whole, with what is missing, for those who administer them; raises NotFound,
        Forbidden."""
        subject = await meet(self.storage, actor, user_id, Action.READ_USERS)
        await self.disclosures.note(actor, user_id, "profile", "administration")
        async with look_at_profiles(self.storage, actor) as reader:
            standing = await standing_of(reader, user_id)
        async with self.storage.look(actor, person=subject.id) as reader:
            profile = await profile_of(reader, subject.person.user)
        return self._view(profile, standing)

    async def _note(
        self, unit: ProfilesUnit, actor: Actor, old: UserProfile, new: UserProfile
    ) -> None:
        """What it was before, and that a child's guardian has agreed to what is new."""
        before = {name: getattr(old, name) or None for name in WRITTEN}
        after = {name: getattr(new, name) or None for name in WRITTEN}
        if any(after[name] and after[name] != before[name] for name in WRITTEN):
            await self.gate.require(unit, old.user_id, "profile")
        await self.rectifications.note(unit, actor, old.user_id, before, after)

    def _view(self, profile: UserProfile, standing: Standing) -> ProfileView:
        completion = standing.completion(profile)
        return own_view(profile, standing.person, completion, self.rich_text)
