"""Lists that are shown whole, as far as a screen makes sense of them."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from attrs import evolve

from adapters.tui.seen import Import, Person, Place
from faraday_core.kernel.paging import Page

T = TypeVar("T")
MOST: Final = 100  # of a page
_MOST_PAGES: Final = 10


async def gathered(ask: Callable[[str | None], Awaitable[Page[T]]]) -> Page[T]:
    """Page by page; has a cursor still where there are more than a thousand."""
    page = await ask(None)
    items, cursor = list(page.items), page.next_cursor
    for _ in range(_MOST_PAGES - 1):
        if cursor is None:
            break
        page = await ask(cursor)
        items.extend(page.items)
        cursor = page.next_cursor
    return Page(tuple(items), cursor)


def may_be_an_id(text: str) -> bool:
    """Whether somebody may be called so by the files of a school, and not only by their name."""
    return any(letter.isdigit() for letter in text) and not any(map(str.isspace, text))


def either(by_id: Page[Person], by_word: Page[Person]) -> Page[Person]:
    """Whoever is found by the one or the other, once."""
    found = {one.id: one for one in (*by_id.items, *by_word.items)}
    return Page(tuple(found.values()), by_word.next_cursor or by_id.next_cursor)


def newest_first(
    under_way: Page[Import], planned: Page[Import], others: Page[Import]
) -> Page[Import]:
    """Of what is planned, what nobody has accepted yet that has to be."""
    waiting = (one for one in planned.items if one.large_change)
    found = {one.id: one for one in (*under_way.items, *waiting, *others.items)}
    items = (found[id] for id in sorted(found, reverse=True))
    return Page(tuple(items), others.next_cursor)


def as_kind(page: Page[Place], kind: str) -> Page[Place]:
    return Page(tuple(evolve(place, kind=kind) for place in page.items), page.next_cursor)


def joined(pages: Iterable[Page[Place]]) -> Page[Place]:
    """One after the other."""
    items: list[Place] = []
    cursor = None
    for page in pages:
        items.extend(page.items)
        cursor = cursor or page.next_cursor
    return Page(tuple(items), cursor)


def directly_in(departments: Page[Place], parent_department_id: str | None) -> Page[Place]:
    """Out of all of an organisation's, however deep."""
    items = (one for one in departments.items if one.parent_department_id == parent_department_id)
    return Page(tuple(items), departments.next_cursor)


def at_the_top(organizations: Page[Place]) -> Page[Place]:
    """Those that lie in none of the others."""
    known = {one.id for one in organizations.items}
    items = (one for one in organizations.items if one.parent_organization_id not in known)
    return Page(tuple(items), organizations.next_cursor)
