"""The outbox: jobs, deferred in the transaction of what causes them (procrastinate's table)."""

import json

from attrs import AttrsInstance

from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import text_statement
from faraday_core.kernel.parsing import plain

# procrastinate's own function: what it offers for deferring by SQL.
_DEFER = text_statement(
    "select procrastinate_defer_jobs_v1(array[row(%(queue)s::varchar, %(task)s::varchar, 0,"
    " null, null, %(args)s::jsonb, null)::procrastinate_job_to_defer_v1])"
)


def defer(rows: Rows, event: AttrsInstance) -> None:
    """A task bears its event's name, and is given its fields."""
    name = type(event).__name__
    rows.defer(_DEFER, queue=queue_of(name), task=name, args=json.dumps({"event": plain(event)}))


def queue_of(event: str) -> str:
    """Mails have a queue of their own: where there is no mail server, it waits for one."""
    return "mail" if event == "MailQueued" else "default"
