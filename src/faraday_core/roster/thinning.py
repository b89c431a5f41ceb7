"""What is kept of an import when it has been kept long enough: that it was, and what it counted.

What its files said of people, value by value, goes; and with the journal the way back.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import evolve, frozen

from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.errors import Conflict
from faraday_core.roster.import_ports import ImportsStorage
from faraday_core.roster.runs import ImportRun

KEPT_DAYS: Final = 90
GONE: Final = "is not kept any longer"
_NOTES: Final = ("refused", "warnings")

Result = Mapping[str, Any]  # JSON


@frozen
class ImportThinning:
    """Makes old imports thin, and has none tell of who is erased."""

    storage: ImportsStorage

    async def thin(self, before: datetime, now: datetime, *, dry: bool = False) -> int:
        """Those that were begun and applied before; answers how many there were."""
        async with self.storage.look_everywhere(WORKER) as reader:
            due = await reader.imports.to_thin(before)
        if not dry:
            for tenant, run_id in due:
                await self._thin(tenant, run_id, now)
        return len(due)

    async def forget(self, tenants: Collection[str], user_id: str, words: Collection[str]) -> None:
        """In these tenants, what their imports say of a person. `words`: what they were called
        by."""
        escaped = {json.dumps(word, ensure_ascii=False)[1:-1] for word in words}
        pattern = naming({*words, *escaped})
        for tenant in tenants:
            async with self.storage.begin(WORKER, tenant=tenant) as unit:
                for run_id in await unit.imports.naming(user_id, pattern):
                    run = await unit.hold(ImportRun, run_id)
                    result = without(run.result, user_id, pattern)
                    await unit.save(evolve(run, result=result))

    async def _thin(self, tenant: str, run_id: str, now: datetime) -> None:
        async with self.storage.begin(WORKER, tenant=tenant) as unit:
            run = await unit.hold(ImportRun, run_id)
            if run.thinned_at is None:
                await unit.imports.forget_journal(run_id)
                await unit.save(evolve(run, result=thinned(run.result), thinned_at=now))


def require_journal(run: ImportRun) -> None:
    """Raises Conflict (`journal_expired`)."""
    if run.thinned_at is not None:
        detail = f"Of this import but its counts are kept, since {run.thinned_at:%d %B %Y}."
        raise Conflict(detail, code="journal_expired")


def thinned(result: Result) -> Result:
    """Where something was wrong, and no value of it."""
    notes = {name: [{**note, "detail": GONE} for note in result.get(name, ())] for name in _NOTES}
    return {**result, **notes, "held": []} if result else result


def naming(words: Collection[str]) -> str:
    """A pattern, for Python and PostgreSQL alike, of texts in which one of these stands by
    itself."""
    return rf"(^|\W)({'|'.join(map(_escaped, sorted(words)))})($|\W)"


def without(result: Result, user_id: str, pattern: str) -> Result:
    """The result, with nothing of this person in it."""
    names_them = re.compile(pattern, re.IGNORECASE).search

    def told(notes: Sequence[Result]) -> Sequence[Result]:
        return [{**note, "detail": GONE} if names_them(note["detail"]) else note for note in notes]

    notes = {name: told(result.get(name, ())) for name in _NOTES}
    held = [one for one in result.get("held", ()) if one["id"] != user_id]
    return {**result, **notes, "held": held}


def _escaped(word: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", word)
