"""Enrolments beside what is there. There are more of them than of all else together, so they are
found in one pass, by what they are of: one (class, user, role)."""

from typing import Final

from adapters.persistence.postgres.rosters.comparing import (
    ACTION,
    find_gone,
    note_refused,
    note_skipped,
)
from adapters.persistence.postgres.rosters.repeats import drop_repeats
from adapters.persistence.postgres.rosters.work import NEW_ID, OF_SOURCE, Work
from faraday_core.roster.rows import Kind

_STAGE: Final = "stage_enrollments"
_NEW: Final = "s.is_primary, s.starts_on::date, s.ends_on::date, s.standing = 'active'"
_OLD: Final = "o.is_primary, o.starts_on, o.ends_on, o.is_active"


async def compare_enrollments(work: Work) -> None:
    await drop_repeats(work, _STAGE, Kind.ENROLLMENTS, "source_id", "class_, user_, role")
    await work.run(f"""
        create temp table found_enrollments as
        select q.*, {ACTION} as action, case when q.old_id is null then {NEW_ID} end id from (
          select row_number() over () n, s.file, s.line, s.standing, s.source_id, s.fault,
            k.id class_id, u.id user_id, k.organization_id, s.role, s.is_primary,
            s.starts_on::date starts_on, s.ends_on::date ends_on, s.standing = 'active' in_use,
            o.id old_id, o.is_active old_active,
            row({_NEW}) is distinct from row({_OLD})
              or (s.source_id is not null and s.source_id is distinct from o.source_id) differs,
            k.id is null dangling_class_, u.id is null dangling_user_,
            k.id is null or u.id is null dangling, s.role is null lacks
          from {_STAGE} s
          left join ids_classes k on k.source_id = s.class_
          left join ids_users u on u.source_id = s.user_
          left join enrollments o on o.tenant_id = %(tenant)s and o.class_id = k.id
            and o.user_id = u.id and o.role = s.role
          where not exists (select from dropped d where d.stage = '{_STAGE}'
            and d.file = s.file and d.line = s.line)) q""")
    await note_refused(work, Kind.ENROLLMENTS, _STAGE, ["class_", "user_"])
    await note_skipped(work, Kind.ENROLLMENTS)
    await work.run("create temp table gone_enrollments (id uuid)")
    # What the source goes on to call the same, and is of another class by now: the former ends.
    await work.run(f"""
        insert into gone_enrollments select distinct o.id from found_enrollments c
        join enrollments o on o.tenant_id = %(tenant)s and {OF_SOURCE}
          and o.source_id = c.source_id
        where c.action = 'create' and o.is_active
          and not exists (select from found_enrollments k where k.old_id = o.id)""")
    await find_gone(work, Kind.ENROLLMENTS, _STAGE, "enrollments", "o.is_active")
