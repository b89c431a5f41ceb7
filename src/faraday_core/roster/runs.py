"""Imports as they are kept: what was planned, done and undone, by whom and with what result."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from attrs import field, frozen

from faraday_core.kernel.entity import Owner
from faraday_core.roster.reading import Format


class Mode(StrEnum):
    """`strict`: one refused row, and nothing is done. `tolerant`: the rest is taken."""

    STRICT = "strict"
    TOLERANT = "tolerant"


class RunStatus(StrEnum):
    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    UNDONE = "undone"


@frozen
class ImportRun:
    """`path`: where the files are; of an `uploaded` one, its name in the object store, and
    `file_name` what it was called. `full`: what the set does not name is gone. `plan_id`: a hash
    of the files, of how they were read, and of what they were compared with. `result`: counts,
    refused rows and warnings, as JSON. `problem`: why it failed, or a plan was not applied, or a
    run not undone. `thinned_at`: since when no more of it is kept than its counts."""

    owner: ClassVar = Owner.TENANT

    id: str
    organization_id: str
    format: Format
    mode: Mode
    source_system: str
    path: str
    started_at: datetime
    status: RunStatus = RunStatus.PLANNING
    mapping: Mapping[str, str] = field(factory=dict)
    full: bool = False
    demographics: bool = False
    uploaded: bool = False
    plan_id: str | None = None
    result: Mapping[str, Any] = field(factory=dict)  # JSON
    problem: Mapping[str, Any] | None = None  # JSON
    started_by: str | None = None
    applied_at: datetime | None = None
    undone_at: datetime | None = None
    file_name: str | None = None
    thinned_at: datetime | None = None
    version: int = 1


class Stage(StrEnum):
    """What an import is at. `waiting`: for a worker to begin. `ended`: it is at nothing."""

    WAITING = "waiting"
    READING = "reading"
    COMPARING = "comparing"
    WRITING = "writing"
    UNDOING = "undoing"
    ENDED = "ended"


@frozen
class ImportProgress:
    """How far one has come. `done`, `total`: rows that are read, as far as that can be told.
    `heard_at`: the last sign of life of who works on it."""

    owner: ClassVar = Owner.TENANT

    id: str  # the run's
    stage: Stage
    heard_at: datetime
    done: int = 0
    total: int | None = None
    version: int = 1

    @property
    def is_undoing(self) -> bool:
        """Or waits for it, of a run that is applied."""
        return self.stage in {Stage.WAITING, Stage.UNDOING}


@frozen
class ImportMapping:
    """A column mapping of a sheet, kept by its name at an organisation."""

    owner: ClassVar = Owner.TENANT

    id: str
    organization_id: str
    name: str
    mapping: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    version: int = 1
