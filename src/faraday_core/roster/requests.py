"""What is asked of an import, and what is answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from attrs import evolve, field, fields, frozen

from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import AtMost, Text
from faraday_core.roster.importing import Counts
from faraday_core.roster.reading import Format
from faraday_core.roster.rows import Kind
from faraday_core.roster.runs import ImportProgress, ImportRun, Mode, RunStatus, Stage
from faraday_core.roster.thresholds import Threshold, threshold_of

Id = Annotated[str, Text(1, 64)]
SourceSystem = Annotated[str, Text(1, 100)]
Heading = Annotated[str, Text(1, 200)]
PathText = Annotated[str, Text(1, 1024)]
LOST_AFTER: Final = 60.0  # seconds without a sign of life


@frozen
class ImportRequest:
    """`path`: a folder, a zip or one file, where this process can read it. `full`: what the set
    does not name is gone. `source_system`: None for the format's name. `mapping`: of a sheet, the
    heading of each of our fields. `demographics`: whether birth dates are read too."""

    organization_id: Id
    format: Format
    path: PathText
    mode: Mode = Mode.STRICT
    source_system: SourceSystem | None = None
    mapping: Annotated[Mapping[str, Heading], AtMost(50)] = field(factory=dict)
    full: bool = False
    demographics: bool = False

    __attrs_post_init__ = obey_rules


@frozen
class ImportFilter:
    """`organization_id`: of it and all below it."""

    organization_id: Id | None = None
    status: RunStatus | None = None

    __attrs_post_init__ = obey_rules


@frozen
class ImportView:
    """A plan or a run as it is shown. `counts`: by kind, what is created, updated, unchanged,
    removed and refused. `mapping`: by which a sheet was read. `thresholds`: those that it crosses,
    for which it has to be accepted as a large change. `accepts_large_change`: it is. `thinned_at`:
    since when nothing but its counts is kept, and it cannot be undone."""

    id: str
    run_id: str
    plan_id: str | None
    status: RunStatus
    format: Format
    mode: Mode
    organization_id: str
    source_system: str
    full: bool
    counts: Mapping[str, Mapping[str, int]]
    warnings: Sequence[Mapping[str, Any]]  # JSON
    held: Sequence[Mapping[str, Any]]  # JSON
    encoding: Mapping[str, str]
    seconds: float | None
    started_by: str | None
    started_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    progress: Mapping[str, Any] | None  # JSON
    problem: Mapping[str, Any] | None  # JSON
    refused: Sequence[Mapping[str, Any]] = ()  # JSON
    mapping: Mapping[str, str] = field(factory=dict)
    thresholds: Sequence[Threshold] = ()
    accepts_large_change: bool = False
    thinned_at: datetime | None = None

    @property
    def awaits_acceptance(self) -> bool:
        """Whether it is a plan that nobody has accepted as a large change, which it is."""
        return bool(
            self.thresholds and self.status is RunStatus.PLANNED and not self.accepts_large_change
        )

    @property
    def is_under_way(self) -> bool:
        """Whether something is done with it, or waits to be."""
        return self.progress is not None or self.status in {
            RunStatus.PLANNING,
            RunStatus.APPLYING,
        }

    @property
    def in_brief(self) -> "ImportView":
        """As a list shows it."""
        return evolve(self, refused=(), warnings=(), held=())


def is_lost(run: ImportRun, progress: ImportProgress | None, now: datetime) -> bool:
    """Whether who works on it has long given no sign of life; on one that waits nobody does."""
    if not _is_at_work(run, progress) or (progress and progress.stage is Stage.WAITING):
        return False
    heard = progress.heard_at if progress else run.started_at
    return (now - heard).total_seconds() > LOST_AFTER


def lost(run: ImportRun) -> ImportRun:
    """Of an undoing that was broken off the run is left as it was."""
    detail = "Who worked on it is gone; nothing was done."
    status = run.status if run.status is RunStatus.APPLIED else RunStatus.FAILED
    return evolve(run, status=status, problem={"code": "worker_lost", "detail": detail})


def _is_at_work(run: ImportRun, progress: ImportProgress | None) -> bool:
    if run.status in {RunStatus.PLANNING, RunStatus.APPLYING}:
        return True
    return run.status is RunStatus.APPLIED and progress is not None and progress.is_undoing


def view_of(run: ImportRun, progress: ImportProgress | None, now: datetime) -> ImportView:
    under_way = _is_at_work(run, progress)
    if is_lost(run, progress, now):
        run, under_way = lost(run), False
    result = run.result
    return ImportView(
        run.id,
        run.id,
        run.plan_id,
        run.status,
        run.format,
        run.mode,
        run.organization_id,
        run.source_system,
        run.full,
        _in_order(result.get("counts", {})),
        result.get("warnings", ()),
        result.get("held", ()),
        result.get("encoding", {}),
        result.get("seconds"),
        run.started_by,
        run.started_at,
        run.applied_at,
        run.undone_at,
        shown(progress) if progress and under_way else None,
        run.problem,
        result.get("refused", ()),
        run.mapping,
        tuple(threshold_of(told) for told in result.get("thresholds", ())),
        result.get("accepts_large_change", False),
        run.thinned_at,
    )


def _in_order(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """As they refer to each other, however they were kept."""
    names = [field.name for field in fields(Counts) if field.name != "known"]
    return {kind: {n: counts[kind][n] for n in names} for kind in Kind if kind in counts}


def shown(progress: ImportProgress) -> Mapping[str, Any]:  # JSON
    return {"stage": progress.stage, "rows": progress.done, "rows_total": progress.total}
