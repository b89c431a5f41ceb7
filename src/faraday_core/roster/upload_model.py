"""What is uploaded to be imported, and what a worker is told to do with it."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from attrs import frozen

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import Id, SourceSystem
from faraday_core.roster.runs import Mode

LARGEST_UPLOAD: Final = 1 << 30  # bytes
MOST_UPLOADS: Final = 20  # of a tenant, that are kept at a time


@frozen
class UploadFields:
    """`organization_id`: None for the caller's. `source_system`: None for the format's name.
    `mapping`: of a sheet, a JSON object of the heading of each field, or the name of one that is
    kept."""

    format: Format
    organization_id: Id | None = None
    mode: Mode = Mode.STRICT
    full: bool = False
    source_system: SourceSystem | None = None
    mapping: Annotated[str, Text(1, 20_000)] | None = None
    demographics: bool = False

    __attrs_post_init__ = obey_rules

    @property
    def headings(self) -> Mapping[str, Any] | None:
        """Of a mapping that is spelled out; None of one that is named. Raises Invalid."""
        if self.mapping is None:
            return {}
        if not self.mapping.lstrip().startswith("{"):
            return None
        try:
            told = json.loads(self.mapping)
        except (ValueError, RecursionError):
            fault = Fault("/mapping", "invalid_value", "is neither a name nor a JSON object")
            raise Invalid([fault]) from None
        if not all(isinstance(heading, str) for heading in told.values()):
            raise Invalid([Fault("/mapping", "wrong_type", "has a heading that is no text")])
        return dict(told)


@frozen
class ApplyFields:
    """`accept_large_change`: even where more than 10 % of a kind are removed, or 75 % changed."""

    accept_large_change: bool = False


class Task(StrEnum):
    PLAN = "plan"
    APPLY = "apply"
    UNDO = "undo"


@frozen
class ImportAsked:
    """`user_id`: who asked, whose rights decide again when it is done; None for the machinery."""

    tenant_id: str
    run_id: str
    task: Task
    user_id: str | None
    asked_at: datetime
    accept_large_change: bool = False
    request_id: str | None = None
