"""What could be made better of somebody's memories, each with a request that does it or shows
it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from faraday_core.memory.analytics_shown import Days
from faraday_core.memory.analytics_views import Call, Pattern, PatternKind, Suggestion

BASE: Final = "/api/v1"
UNUSED_AFTER: Final = timedelta(days=180)
ENDS_WITHIN: Final = timedelta(days=14)
LEAST_WITHOUT: Final = 5  # memories without a category, or unused
_RECOMMENDED: Final = f"{BASE}/memories/recommendations?kind="


def suggestions_of(
    days: Days, patterns: tuple[Pattern, ...], *, tracked: bool
) -> tuple[Suggestion, ...]:
    found = [*_of_memories(days)]
    if quiet := [one for one in patterns if one.kind is PatternKind.QUIET]:
        detail = f"{len(quiet)} topics have gone quiet; look at what would be forgotten first."
        found.append(Suggestion("revisit", detail, Call("GET", f"{_RECOMMENDED}revisit")))
    if not tracked:
        switch = Call("PATCH", f"{BASE}/users/preferences", {"privacy": {"track_activity": True}})
        detail = (
            "Uses are counted alone. With “track_activity” on, it is kept when and how memories"
            " are used, and more can be said here."
        )
        found.append(Suggestion("track_activity", detail, switch))
    return tuple(found)


def _of_memories(days: Days) -> Iterator[Suggestion]:
    without = sum(one.category is None for one in days.living)
    if without >= LEAST_WITHOUT:
        detail = f"{without} memories are in no category, and are missed by who asks for one."
        yield Suggestion("categorize", detail, Call("GET", f"{_RECOMMENDED}related"))
    unused = [one for one in days.living if days.now - one.last_touched >= UNUSED_AFTER]
    if len(unused) >= LEAST_WITHOUT:
        share = sum(one.size for one in unused) / (sum(one.size for one in days.living) or 1)
        detail = (
            f"{len(unused)} memories were not used for half a year; they take"
            f" {share:.0%} of {sum(one.size for one in days.living)} bytes."
        )
        yield Suggestion("forget", detail, Call("GET", f"{_RECOMMENDED}forget"))
    soon = days.now + ENDS_WITHIN
    ending = sum(bool(one.expires_at and one.expires_at <= soon) for one in days.living)
    if ending:
        detail = f"{ending} memories end within two weeks; give those another end that matter."
        yield Suggestion("expiring", detail, Call("GET", f"{BASE}/memories"))
