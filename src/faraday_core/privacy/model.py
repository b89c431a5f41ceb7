from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from attrs import Factory, field, frozen

from faraday_core.identity.passwords import GivenPassword
from faraday_core.kernel.entity import Owner


@frozen
class PrivacyPolicy:
    """`erasure_delay`: seconds in which an erasure can be called off. `retention`: days a kind,
    where that is not what its rule says."""

    erasure_delay: int = 2_592_000
    child_age: int = 13
    retention: Mapping[str, int] = Factory(dict)


class ExportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@frozen
class Export:
    """A copy of all that is held about a person, as they asked for."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    status: ExportStatus
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    version: int = 1


@frozen
class Erasure:
    """That a person is to be erased; until then it can be called off."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    asked_at: datetime
    erase_after: datetime
    version: int = 1


@frozen
class ErasureView:
    erase_after: datetime


@frozen
class ErasureRequest:
    password: GivenPassword = field(repr=False)


@frozen
class BirthDateFields:
    born_on: date


@frozen
class Retained:
    """What a rule of retention finds: `days` 0 keeps it with the account."""

    kind: str
    days: int
    rows: int


@frozen
class RetentionReport:
    dry_run: bool
    kinds: tuple[Retained, ...]


@frozen
class ExportAsked:
    user_id: str
    export_id: str


@frozen
class ErasureDue:
    user_id: str
