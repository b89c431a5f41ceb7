"""Keyset pages: stable under inserts, as fast on the thousandth page as on the first."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, get_type_hints

from attrs import AttrsInstance, frozen

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.parsing import obey_rules, parse, plain
from faraday_core.kernel.rules import Limit, Token

E = TypeVar("E")
Order = tuple[str, ...]  # field names, the last one an id: ("name", "id")


@frozen
class PageRequest:
    """`limit` items at most, from behind where the page with this `cursor` ended."""

    limit: Limit = 20
    cursor: Token | None = None

    __attrs_post_init__ = obey_rules

    def after(self, entity: type[AttrsInstance], order: Order) -> tuple[Any, ...] | None:
        """The sort key to go on from, or None on the first page.

        Raises Invalid where the cursor was not given out for this order.
        """
        if self.cursor is None:
            return None
        try:
            key = json.loads(urlsafe_b64decode(self.cursor.encode()))
            kinds = [get_type_hints(entity)[name] for name in order]
            parsed = tuple(parse(kind, value) for kind, value in zip(kinds, key, strict=True))
        except (ValueError, TypeError, RecursionError, Invalid) as error:
            raise _made_up() from error
        if not is_id(str(parsed[-1])):
            raise _made_up()
        return parsed


def _made_up() -> Invalid:
    return Invalid([Fault("?cursor", "invalid_value", "was not given out here")])


@frozen
class Page(Generic[E]):
    items: tuple[E, ...]
    next_cursor: str | None = None


def cut(rows: Sequence[E], request: PageRequest, order: Order) -> Page[E]:
    """The page out of `limit + 1` rows: the extra one says that there are more."""
    items = tuple(rows[: request.limit])
    if len(rows) <= request.limit:
        return Page(items)
    key = plain([getattr(items[-1], name) for name in order])
    return Page(items, urlsafe_b64encode(json.dumps(key).encode()).decode())
