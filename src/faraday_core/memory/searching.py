"""What a search is asked, and what it answers."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from attrs import frozen

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules, parse
from faraday_core.kernel.rules import Limit, Text
from faraday_core.memory.fields import CategoryName, Context, Part, Tag
from faraday_core.memory.moments import MomentText, begin_of, end_of
from faraday_core.memory.ranking import Reason
from faraday_core.memory.views import MemoryView

LONGEST_QUESTION: Final = 10_000
Moment = Annotated[str, MomentText()]


class Retrieval(StrEnum):
    """By what was found what was found."""

    HYBRID = "hybrid"  # words and meaning
    LEXICAL = "lexical"  # words, and what belongs together


@frozen
class Search:
    """`category`: a name or an id, with all below it. `from_`, `to`: when it was; a day is meant
    whole. `context`: what the person is doing now, as in JSON. `track`: whether it counts as a
    use."""

    q: Annotated[str, Text(1, LONGEST_QUESTION, lines=True)]
    limit: Limit = 20
    category: CategoryName | None = None
    tag: Tag | None = None
    from_: Moment | None = None
    to: Moment | None = None
    context: Annotated[str, Text(0, 16_384, lines=True)] | None = None
    diversity: Part = 0.0
    track: bool = True

    __attrs_post_init__ = obey_rules

    @property
    def since(self) -> datetime | None:
        return begin_of(self.from_)

    @property
    def until(self) -> datetime | None:
        """This moment not included."""
        return end_of(self.to)

    @property
    def doing(self) -> Mapping[str, Any]:  # as in JSON
        """Raises Invalid where the context is no object."""
        if not self.context:
            return {}
        try:
            data = json.loads(self.context)
        except (ValueError, RecursionError):
            raise Invalid([Fault("?context", "invalid_value", "is no JSON")]) from None
        try:
            return parse(_Doing, {"context": data}).context
        except Invalid as error:
            faults = (Fault("?context", one.code, one.detail) for one in error.faults)
            raise Invalid(faults) from None


@frozen
class _Doing:
    context: Context


@frozen
class FoundMemory:
    memory: MemoryView
    relevance_score: float
    reasons: tuple[Reason, ...]


@frozen
class SearchResult:
    """The best first. `took_ms`: milliseconds."""

    items: tuple[FoundMemory, ...]
    retrieval: Retrieval
    took_ms: float
