import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final

from attrs import asdict, define, evolve, frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, FaradayError
from faraday_core.kernel.ports import Clock
from faraday_core.roster.import_ports import Apart, ImportsStorage
from faraday_core.roster.importing import Comparison, Intake, Rosters
from faraday_core.roster.reading import FileRead, Format, RosterReader, RosterReaders, Source
from faraday_core.roster.rows import Kind
from faraday_core.roster.runs import ImportProgress, ImportRun, Mode, RunStatus, Stage
from faraday_core.roster.thresholds import crossed, require_small
from faraday_core.roster.uploads import Uploads

TELL_EVERY: Final = 1.0  # seconds

Report = Callable[[ImportProgress], None]


@define
class Tally:
    """How far the work has come; written where it is done, read where it is told."""

    stage: Stage = Stage.READING
    done: int = 0
    total: int | None = None


@frozen
class ImportWork:
    """Reads, compares and writes, and tells how far it has come."""

    storage: ImportsStorage
    rosters: Rosters
    readers: RosterReaders
    apart: Apart
    uploads: Uploads
    now: Clock

    async def carry_out(
        self,
        actor: Actor,
        tenant: str,
        run: ImportRun,
        *,
        apply: bool,
        expected: str | None = None,
        accept_large: bool = False,
        report: Report | None = None,
    ) -> ImportRun:
        """The run as it is then. Its own refusals are kept with it, and raised.

        `expected`: the id of the plan that is to be done, or else refused. `accept_large`: of a
        plan, that whoever applies it need not accept it once more.
        """
        tally = Tally()
        run = evolve(run, status=RunStatus.APPLYING if apply else RunStatus.PLANNING)
        async with self.storage.look(actor, tenant=tenant) as reader:
            at, system = run.organization_id, run.source_system
            last = await reader.imports.last_applied(at, system)
        telling = asyncio.create_task(self._tell(actor, tenant, run, tally, report))
        try:
            async with self.uploads.opened(run) as path:
                ended = await self.apart(
                    lambda: self._work(
                        actor,
                        tenant,
                        evolve(run, path=str(path)),
                        tally,
                        last,
                        apply=apply,
                        expected=expected,
                        large=accept_large,
                    )
                )
        except FaradayError as error:
            problem = {"code": error.code, "detail": error.detail}
            status = RunStatus.PLANNED if expected and run.result else RunStatus.FAILED
            await self._end(actor, tenant, evolve(run, status=status, problem=problem), telling)
            raise
        except asyncio.CancelledError:
            problem = {"code": "interrupted", "detail": "It was broken off; nothing was done."}
            status = RunStatus.PLANNED if expected and run.result else RunStatus.FAILED
            broken_off = evolve(run, status=status, problem=problem)
            await asyncio.shield(self._end(actor, tenant, broken_off, telling))
            raise
        except BaseException:
            telling.cancel()
            raise
        await self._end(actor, tenant, ended, telling)
        return ended

    async def _work(
        self,
        actor: Actor,
        tenant: str,
        run: ImportRun,
        tally: Tally,
        last: ImportRun | None,
        *,
        apply: bool,
        expected: str | None,
        large: bool,
    ) -> ImportRun:
        """`last`: what was applied before of this source. Nothing else is asked of storage here,
        which this is done apart from."""
        begun = monotonic()
        source = Source(run.format, Path(run.path), run.mapping, run.demographics)
        if run.format is Format.SHEET and not run.mapping:
            run = evolve(run, mapping=self.readers.suggested(source))
            source = evolve(source, mapping=run.mapping)
        reader = self.readers.open(source)
        tally.total = reader.rows_total
        async with self.rosters.intake(actor, tenant, run, to_apply=apply) as intake:
            if same := await self._same_again(run, last, reader, intake):
                same = evolve(
                    same, result={**same.result, "seconds": round(monotonic() - begun, 3)}
                )
                if expected and same.plan_id != expected:
                    raise _stale()
                return await self._noted(intake, same) if apply else same
            await _stage_all(reader, intake, tally)
            tally.stage = Stage.COMPARING
            found = await intake.compare(reader.files)
            planned = evolve(
                run,
                status=RunStatus.PLANNED,
                plan_id=plan_id_of(run, reader.files, found.state),
                result=_result(reader, found, monotonic() - begun, large=large),
                problem=None,
            )
            if not apply:
                return planned
            if expected and planned.plan_id != expected:
                raise _stale()
            if problem := _refusal(planned, found):
                if expected:
                    raise Conflict(problem["detail"], code=problem["code"])
                return evolve(planned, status=RunStatus.FAILED, problem=problem)
            if not (large or run.result.get("accepts_large_change")):
                require_small(found)
            tally.stage = Stage.WRITING
            now = self.now()
            applied = evolve(planned, status=RunStatus.APPLIED, applied_at=now)
            applied = await intake.apply(applied, now)
            seconds = round(monotonic() - begun, 3)
            return evolve(applied, result={**applied.result, "seconds": seconds})

    async def _same_again(
        self, run: ImportRun, last: ImportRun | None, reader: RosterReader, intake: Intake
    ) -> ImportRun | None:
        """Planned, without reading a row: where the last import was of the very same files, read
        in the same way, and nothing here has been saved since. It left nothing to do then."""
        if last is None or last.thinned_at or _read_as(last) != _read_as(run):
            return None
        if last.result.get("digests") != _digests(reader.files):
            return None
        state = await intake.state()
        if last.result.get("after") != state:
            return None
        return evolve(
            run,
            status=RunStatus.PLANNED,
            plan_id=plan_id_of(run, reader.files, state),
            result={
                **last.result,
                "counts": _as_unchanged(last.result["counts"]),
                "thresholds": [],
            },
            problem=None,
        )

    async def _noted(self, intake: Intake, run: ImportRun) -> ImportRun:
        now = self.now()
        applied = evolve(run, status=RunStatus.APPLIED, applied_at=now)
        await intake.note(applied, now)
        return applied

    async def _tell(
        self, actor: Actor, tenant: str, run: ImportRun, tally: Tally, report: Report | None
    ) -> None:
        """Into storage, for whoever looks on from elsewhere, and to who began it."""
        progress = ImportProgress(run.id, tally.stage, self.now(), tally.done, tally.total)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            try:
                known = await unit.hold(ImportProgress, run.id)
                progress = await unit.save(evolve(progress, version=known.version))
            except FaradayError:
                await unit.add(progress)
            kept = await unit.hold(ImportRun, run.id)
            await unit.save(evolve(kept, status=run.status))
        while True:
            await asyncio.sleep(TELL_EVERY)
            progress = evolve(
                progress,
                stage=tally.stage,
                heard_at=self.now(),
                done=tally.done,
                total=tally.total,
            )
            if report:
                report(progress)
            async with self.storage.begin(actor, tenant=tenant) as unit:
                progress = await unit.save(progress)

    async def _end(
        self, actor: Actor, tenant: str, run: ImportRun, telling: "asyncio.Task[None]"
    ) -> None:
        """What was applied has said so itself, in its own transaction."""
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            kept = await unit.hold(ImportRun, run.id)
            if kept.status is RunStatus.APPLIED and run.status is not RunStatus.APPLIED:
                return  # it was done, though who did it lost sight of it
            await unit.save(evolve(run, path=kept.path, version=kept.version))


async def _stage_all(reader: RosterReader, intake: Intake, tally: Tally) -> None:
    compares = False
    for rows in reader.batches():
        if reader.only_enrollments_left and not compares:
            await intake.compare_first(reader.files)
            compares = True
        await intake.stage(rows)
        tally.done += len(rows)


def _stale() -> Conflict:
    detail = "The files, or what is here, have changed since the plan was made."
    return Conflict(detail, code="plan_stale")


def _read_as(run: ImportRun) -> tuple[object, ...]:
    return run.format, run.mode, run.full, run.demographics, dict(run.mapping)


def _digests(files: Sequence[FileRead]) -> Mapping[str, str]:
    """A file that says only what has changed is another one, though its bytes are the same."""
    return {file.name: file.digest.hex() + ("+" if file.is_delta else "") for file in files}


def _as_unchanged(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, Mapping[str, int]]:
    """What a set counts that has just been taken over."""
    return {
        kind: {
            **dict.fromkeys(of_kind, 0),
            "unchanged": sum(n for what, n in of_kind.items() if what != "refuse"),
            "refuse": of_kind["refuse"],
        }
        for kind, of_kind in counts.items()
    }


def plan_id_of(run: ImportRun, files: Sequence[FileRead], state: str) -> str:
    """A hash of the files, of how they are read, and of what they were compared with."""
    known = [
        run.organization_id,
        run.format,
        run.mode,
        run.source_system,
        run.full,
        run.demographics,
        sorted(run.mapping.items()),
        sorted(_digests(files).items()),
        state,
    ]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:32]


def _refusal(run: ImportRun, found: Comparison) -> Mapping[str, str] | None:
    refused = sum(counts.refuse for counts in found.counts.values())
    if run.mode is Mode.TOLERANT or not refused:
        return None
    rows = "one row is" if refused == 1 else f"{refused} rows are"
    detail = f"Nothing was done, since {rows} refused. A tolerant import takes the others."
    return {"code": "rows_refused", "detail": detail}


def _result(
    reader: RosterReader, found: Comparison, seconds: float, *, large: bool
) -> Mapping[str, Any]:  # JSON
    return {
        "counts": {str(kind): dict(found.counts[kind].shown) for kind in Kind},
        "thresholds": [*map(asdict, crossed(found))],
        "accepts_large_change": large,
        "refused": [*map(asdict, found.refused)],
        "warnings": [*map(asdict, (*reader.warnings, *found.warnings))],
        "held": [*map(asdict, found.held)],
        "encoding": {file.name: file.encoding for file in reader.files},
        "digests": _digests(reader.files),
        "seconds": round(seconds, 3),
    }
