"""A source goes on to name a school that was merged into another one here: it means the other one.

What the row of the former says is left alone, and whatever names it lies in the latter.
"""

from collections.abc import Mapping
from typing import Final

from adapters.persistence.memory.rosters.work import Deed, Work
from adapters.persistence.memory.rows import Rows
from faraday_core.organizations.model import Organization
from faraday_core.roster.rows import Kind

_DEEPEST: Final = 40  # schools that were merged one into the next


def merged_in(rows: Rows) -> Mapping[str, str]:
    """Each that was merged, with the one that it is a part of by now."""
    here = {row.id: row for _, row in rows.in_sight(Organization)}
    found = {}
    for id, row in here.items():
        at = row.merged_into_organization_id
        for _ in range(_DEEPEST):
            further = here[at].merged_into_organization_id if at in here else None
            at = further or at
        if at:
            found[id] = at
    return found


def leave_merged(work: Work) -> None:
    merged, here = merged_in(work.rows), {row.id: row for row in work.here(Organization)}
    for thing in work.found[Kind.ORGANIZATIONS]:
        into = merged.get(thing.old.id) if thing.old else None
        if into is None or thing.deed is Deed.REFUSE:
            continue
        detail = f"was merged into {here[into].name[:100]} here: what names it lies there"
        work.warn(thing.row, None, "merged", detail)
        if thing.deed is Deed.UPDATE:
            thing.deed = Deed.UNCHANGED
