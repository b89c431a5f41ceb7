"""What a category may be called, and where it may lie; whosever it is."""

from faraday_core.kernel.errors import Conflict, Fault, Invalid
from faraday_core.memory.categories import MOST_LEVELS, Categories, Category


def require_free(known: Categories, name: str, own: Category | None) -> None:
    """Raises Conflict (`category_taken`)."""
    taken = known.named(name.strip())
    if taken is not None and taken != own:
        raise Conflict("There is a category of this name already.", code="category_taken")


def require_parent(known: Categories, parent_id: str | None) -> None:
    """That a new one can lie there. Raises Invalid (`unknown_reference`), Conflict
    (`too_deep`)."""
    _require_known(known, parent_id)
    if known.level_of(parent_id) >= MOST_LEVELS:
        raise _too_deep()


def require_place(known: Categories, old: Category, parent_id: str | None) -> None:
    """Likewise, of one with what lies below it. Raises Conflict (`cycle`), too."""
    _require_known(known, parent_id)
    if known.is_within(parent_id, old.id):
        raise _cycle()
    if known.level_of(parent_id) + known.levels_below(old.id) > MOST_LEVELS:
        raise _too_deep()


def require_target(known: Categories, old: Category, into_id: str) -> Category:
    """What one can be merged into. Raises Invalid (`unknown_reference`), Conflict (`cycle`,
    `too_deep`)."""
    into = known.by_id.get(into_id)
    if into is None:
        fault = Fault("/into_category_id", "unknown_reference", "is no category of yours")
        raise Invalid([fault])
    if known.is_within(into_id, old.id):
        raise _cycle()
    if known.level_of(into_id) + known.levels_below(old.id) - 1 > MOST_LEVELS:
        raise _too_deep()
    return into


def _require_known(known: Categories, parent_id: str | None) -> None:
    if parent_id is not None and parent_id not in known.by_id:
        fault = Fault("/parent_category_id", "unknown_reference", "is no category of yours")
        raise Invalid([fault])


def _cycle() -> Conflict:
    return Conflict("It would lie within itself.", code="cycle")


def _too_deep() -> Conflict:
    return Conflict(f"Categories are at most {MOST_LEVELS} levels deep.", code="too_deep")
