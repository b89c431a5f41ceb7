"""Jobs out of PostgreSQL, by procrastinate: deferred with what caused them, tried until done."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from adapters.jobs.subscriptions import Listener
from faraday_core.kernel.errors import Unavailable
from faraday_core.kernel.parsing import parse

MAIL_QUEUE: Final = "mail"
QUEUE: Final = "default"
AT_ONCE: Final = 4
DELAYS: Final = (5, 15, 60, 300, 900)  # seconds until the next try; the last one again and again
MOST_TRIES: Final = 200  # two days
POLL_EVERY: Final = 2.0  # seconds; new jobs are told of at once, those to be tried again are not
RESTART_AFTER: Final = 2.0  # seconds, where the database has gone away
STALLED_AFTER: Final = 30  # seconds without a sign of life from who took a job
KEPT_HOURS: Final = 30 * 24  # of a job that was given up
SELDOM: Final = "0 0 29 2 *"

log = structlog.get_logger("faraday.jobs")


class Patience(BaseRetryStrategy):
    """Again soon, then at longer intervals."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= MOST_TRIES:
            return None
        delay = DELAYS[min(job.attempts, len(DELAYS) - 1)]
        return RetryDecision(retry_in={"seconds": delay})


class Worker:
    """Runs jobs until it is stopped, over whatever becomes of the database meanwhile."""

    def __init__(self, url: str, listeners: Mapping[type, Listener], *, with_mail: bool) -> None:
        """`with_mail`: whether there is anywhere to send mails to; else they wait."""
        self._app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=url,
                min_size=1,
                max_size=AT_ONCE,
                kwargs={"options": "-c role=faraday_worker -c TimeZone=UTC"},
            )
        )
        self._queues = [QUEUE, *([MAIL_QUEUE] if with_mail else [])]
        for event, listener in listeners.items():
            self._add(event, listener)
        # procrastinate stops where one of its own tasks has failed, as that which gives signs of
        # life. It watches until the first of them ends, and the one for periodic jobs ends at once
        # where there are none.
        self._app.periodic(cron=SELDOM)(self._app.task(name="nothing", queue=QUEUE)(nothing))

    async def run(self) -> None:
        """Until it is cancelled; jobs under way are then given a moment to end."""
        while True:
            try:
                async with self._app.open_async():
                    await self._app.run_worker_async(
                        queues=self._queues,
                        concurrency=AT_ONCE,
                        install_signal_handlers=False,
                        delete_jobs="successful",
                        fetch_job_polling_interval=POLL_EVERY,
                        shutdown_graceful_timeout=5,
                    )
                log.warning("jobs wait for the database", reason="who listens has lost it")
            except (ConnectorException, psycopg.Error, OSError) as error:
                log.warning("jobs wait for the database", reason=str(error).strip())
            await asyncio.sleep(RESTART_AFTER)

    async def recover(self) -> None:
        """Have done what a worker took that is no more, and forget what was given up long ago."""
        with suppress(procrastinate.exceptions.AppNotOpen):
            manager = self._app.job_manager
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
                await manager.retry_job(job)
            await manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)

    def _add(self, event: type, listener: Listener) -> None:
        async def task(event: dict[str, Any], kind: type = event) -> None:  # its fields, as JSON
            try:
                await listener(parse(kind, event))
            except Unavailable as error:
                log.warning("job waits", job=kind.__name__, reason=error.detail)
                raise
            except Exception:  # tried again, of which procrastinate says nothing
                log.exception("job failed", job=kind.__name__)
                raise

        self._app.task(name=event.__name__, retry=Patience(), queue=QUEUE)(task)


async def nothing(timestamp: int) -> None:
    """What is to be done on the 29th of February."""
