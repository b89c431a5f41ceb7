"""Files that were sent to be imported: kept until the import has ended, and a day at most."""

import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from attrs import frozen

from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.objects import ObjectStore
from faraday_core.roster.runs import ImportRun

KEPT: Final = timedelta(hours=24)
_PREFIX: Final = "imports/"


@frozen
class Uploads:
    """By the tenant and the run, so that a tenant's are found without asking storage."""

    objects: ObjectStore

    async def keep(self, tenant: str, run_id: str, file: Path) -> str:
        """The name that it is kept by. Raises Unavailable."""
        name = f"{_of(tenant)}{run_id}"
        await self.objects.put_file(name, file)
        return name

    async def count(self, tenant: str) -> int:
        return len(await self.objects.names(_of(tenant)))

    @asynccontextmanager
    async def opened(self, run: ImportRun) -> AsyncIterator[Path]:
        """Where this process can read what the run is of, as long as the block lasts.

        Raises Conflict (`plan_stale`) where an upload is gone, Unavailable.
        """
        if not run.uploaded:
            yield Path(run.path)
            return
        with tempfile.TemporaryDirectory(prefix="faraday-import-") as folder:
            file = Path(folder) / (run.file_name or "upload")
            try:
                await self.objects.get_file(run.path, file)
            except NotFound:
                detail = "The uploaded file is not kept any longer: upload it again."
                raise Conflict(detail, code="plan_stale") from None
            yield file

    async def remove(self, run: ImportRun) -> None:
        if run.uploaded:
            await self.objects.delete([run.path])

    async def remove_all_of(self, tenants: Collection[str]) -> None:
        """Which of them names a person nobody can tell, so all are removed with one."""
        for tenant in tenants:
            await self.objects.delete(await self.objects.names(_of(tenant)))

    async def remove_older(self, than: datetime) -> int:
        """Answers how many there were. A run's id tells when it began (RFC 9562, 5.7)."""
        names = await self.objects.names(_PREFIX)
        old = [name for name in names if _made_at(name.rpartition("/")[2]) < than.timestamp()]
        await self.objects.delete(old)
        return len(old)


def _of(tenant: str) -> str:
    return f"{_PREFIX}{tenant}/"


def _made_at(run_id: str) -> float:
    """Seconds since 1970."""
    return (UUID(run_id).int >> 80) / 1000
