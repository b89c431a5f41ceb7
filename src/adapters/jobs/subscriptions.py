"""Who hears of which event. Delivery is at least once, so each bears to hear a thing twice."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from adapters.app import App
from faraday_core.identity.model import PasswordForgotten, UserRegistered, UserRenamed
from faraday_core.kernel.actor import WORKER
from faraday_core.mail.model import MailQueued, MessageTold
from faraday_core.memory.model import MemoriesToEmbed, TenantCategoryChanged
from faraday_core.preferences.model import PreferencesChanged
from faraday_core.privacy.model import ErasureDue, ExportAsked
from faraday_core.profiles.model import AvatarReplaced, BadgeEarned, ProfileCompleted
from faraday_core.roster.upload_model import ImportAsked

Listener = Callable[[Any], Awaitable[object]]  # of its own kind of event


def subscriptions(app: App) -> Mapping[type, Listener]:
    async def send_mail(event: MailQueued) -> None:
        await app.mail.send(WORKER, event.mail_id)

    async def send_reset(event: PasswordForgotten) -> None:
        await app.passwords.send_reset(WORKER, event)

    async def enter_in_directory(event: UserRegistered | UserRenamed) -> None:
        await app.users.enter_in_directory(WORKER, event.user_id)

    async def plan_messages_again(event: PreferencesChanged) -> None:
        await app.mail.plan_again(WORKER, event.user_id)
        await app.notifications.plan_again(WORKER, event.user_id)

    async def tidy_objects(event: AvatarReplaced) -> None:
        await app.avatars.tidy(WORKER, event)

    async def take_note(event: BadgeEarned | ProfileCompleted) -> None:
        """Nobody in the product; they are there for whoever builds on it."""

    async def make_export(event: ExportAsked) -> None:
        await app.exports.make(WORKER, event)

    async def carry_out_import(event: ImportAsked) -> None:
        await app.import_jobs.carry_out(WORKER, event)

    async def erase(event: ErasureDue) -> None:
        await app.erasures.carry_out(WORKER, event)

    return {
        MailQueued: send_mail,
        MessageTold: partial(app.notifications.tell, WORKER),
        PreferencesChanged: plan_messages_again,
        PasswordForgotten: send_reset,
        UserRegistered: enter_in_directory,
        UserRenamed: enter_in_directory,
        ExportAsked: make_export,
        ErasureDue: erase,
        ImportAsked: carry_out_import,
        AvatarReplaced: tidy_objects,
        BadgeEarned: take_note,
        ProfileCompleted: take_note,
        MemoriesToEmbed: partial(app.memory_vectors.make, WORKER),
        TenantCategoryChanged: partial(app.tenant_memory_categories.carry_over, WORKER),
    }
