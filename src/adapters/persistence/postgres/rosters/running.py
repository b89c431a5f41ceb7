"""An import's transaction: begun, ended with nothing done, or ended with the run that says so; and
what PostgreSQL refuses of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from attrs import define

from adapters.persistence.postgres.room import is_out_of_room, out_of_room
from adapters.persistence.postgres.rosters.work import Work
from adapters.persistence.tables import APP_ROLE
from faraday_core.audit.model import entry_of
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.roster.runs import ImportRun


@define
class Timed(Work):
    now: datetime
    actor_id: str | None

    def _named(self, given: dict[str, object]) -> dict[str, object]:
        return {**super()._named(given), "now": self.now, "actor": self.actor_id}


async def begin(work: Work) -> None:
    """All that is asked from here on is answered by one state of the database."""
    await work.connection.set_autocommit(False)
    await work.connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)


async def end(work: Work) -> None:
    """With nothing done."""
    await work.connection.rollback()
    await work.connection.set_autocommit(True)


async def save(work: Work, run: ImportRun) -> None:
    await work.run(
        "update import_runs set status = %(status)s, plan_id = %(plan)s, result = %(result)s,"
        " problem = null, applied_at = %(applied)s, undone_at = %(undone)s,"
        " version = version + 1"
        " where tenant_id = %(tenant)s and id = %(run)s",
        status=run.status,
        plan=run.plan_id,
        result=json.dumps(run.result),
        applied=run.applied_at,
        undone=run.undone_at,
    )


async def account(work: Work, actor: Actor, action: str, run: ImportRun, now: datetime) -> None:
    """Into the audit log, as any request does it."""
    details = {
        f"{kind}_{what}": n
        for kind, counts in run.result.get("counts", {}).items()
        for what, n in counts.items()
        if n and what != "unchanged"
    }
    target = ("import", run.id)
    entry = entry_of(actor, uuid7(), now, action, target, run.organization_id, details)
    await work.run(f"set local role {APP_ROLE}")
    await work.run(
        "insert into audit_log (tenant_id, id, at, actor_id, action, target_type, target_id,"
        " organization_id, request_id, ip_address, details) values (%(tenant)s, %(id)s, %(at)s,"
        " %(actor_id)s, %(action)s, %(target_type)s, %(target_id)s, %(organization_id)s,"
        " %(request_id)s, %(ip_address)s, %(details)s)",
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        action=entry.action,
        target_type=entry.target_type,
        target_id=entry.target_id,
        organization_id=entry.organization_id,
        request_id=entry.request_id,
        ip_address=entry.ip_address,
        details=json.dumps(dict(entry.details)),
    )


@contextmanager
def told() -> Iterator[None]:
    """What PostgreSQL refuses, as the core understands it."""
    try:
        yield
    except (psycopg.errors.SerializationFailure, psycopg.IntegrityError) as error:
        detail = "Somebody changed the same things meanwhile: nothing was done. Try again."
        raise Conflict(detail, code="plan_stale") from error
    except psycopg.Error as error:
        if is_out_of_room(error):
            raise out_of_room() from error
        if isinstance(error, psycopg.OperationalError):
            raise Unavailable("The database has gone away.", retry_after=2) from error
        raise
