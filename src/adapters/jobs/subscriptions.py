"""Who hears of which event. Delivery is at least once, so each bears to hear a thing twice."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.app import App
from faraday_core.identity.model import PasswordForgotten, UserRegistered, UserRenamed
from faraday_core.kernel.actor import WORKER
from faraday_core.mail.model import MailQueued

Listener = Callable[[Any], Awaitable[object]]  # of its own kind of event


def subscriptions(app: App) -> Mapping[type, Listener]:
    async def send_mail(event: MailQueued) -> None:
        await app.mail.send(WORKER, event.mail_id)

    async def send_reset(event: PasswordForgotten) -> None:
        await app.passwords.send_reset(WORKER, event)

    async def enter_in_directory(event: UserRegistered | UserRenamed) -> None:
        await app.users.enter_in_directory(WORKER, event.user_id)

    return {
        MailQueued: send_mail,
        PasswordForgotten: send_reset,
        UserRegistered: enter_in_directory,
        UserRenamed: enter_in_directory,
    }
