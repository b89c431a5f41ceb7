from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.entity import Owner

# Whose the idempotency keys are of those who have not signed in.
ANYBODY: Final = "00000000-0000-0000-0000-000000000000"


@frozen
class Allowance:
    """What is left of a limit: `limit` a window, `remaining` of it, for `resets_in` seconds."""

    limit: int
    remaining: int
    resets_in: int


@frozen
class Answer:
    """What was answered to a request, to be given again word by word."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@frozen
class IdempotencyKey:
    """A request that was asked with a key; `answer`, sealed, as soon as there is one."""

    owner: ClassVar = Owner.PERSON

    id: str  # made of the key, the route, and who asked
    user_id: str
    request_hash: bytes
    created_at: datetime
    answer: bytes | None = field(default=None, repr=False)
    version: int = 1
